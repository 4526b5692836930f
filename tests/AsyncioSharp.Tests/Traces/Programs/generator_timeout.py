import asyncio


async def slowing():
    for n in range(3):
        await asyncio.sleep(0.005 if n < 2 else 1)
        yield n


async def main():
    try:
        async with asyncio.timeout(0.015):
            async for n in slowing():
                print("got", n)
    except TimeoutError:
        print("timeout")
    print("requests:", asyncio.current_task().cancelling())


asyncio.run(main())
