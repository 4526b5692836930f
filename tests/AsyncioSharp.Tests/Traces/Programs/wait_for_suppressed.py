import asyncio


async def suppresses():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("suppressed")
    return "late result"


async def fails():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        raise ValueError("from the cleanup") from None


async def main():
    print(await asyncio.wait_for(suppresses(), 0.005))
    print(await asyncio.wait_for(asyncio.create_task(suppresses()), 0.005))
    started = asyncio.create_task(suppresses())
    await asyncio.sleep(0)
    print(await asyncio.wait_for(started, 0))
    for awaitable in (fails(), asyncio.create_task(fails())):
        try:
            await asyncio.wait_for(awaitable, 0.005)
        except ValueError as error:
            print("value error:", error)


asyncio.run(main())
