import asyncio


async def child():
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    print("child ends")


async def group():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(child())
        print("body ends")
    print("group ends, requests:", asyncio.current_task().cancelling())
    await asyncio.sleep(0)
    print("goes on")


async def main():
    for turns in range(1, 8):
        task = asyncio.create_task(group())
        for _ in range(turns):
            await asyncio.sleep(0)
        print("turn", turns, "cancel:", task.cancel())
        await asyncio.wait([task])
        print("cancelled:", task.cancelled(), "requests:", task.cancelling())


asyncio.run(main())
