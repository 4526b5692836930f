import asyncio


async def inner():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("inner swallows")
        return "inner result"


async def outer():
    print("outer got", await asyncio.create_task(inner()))
    await asyncio.sleep(0)
    print("outer goes on, requests:", asyncio.current_task().cancelling())
    return "outer result"


async def main():
    task = asyncio.create_task(outer())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    print("cancel:", task.cancel())
    print(await task)
    print("cancelled:", task.cancelled())


asyncio.run(main())
