import asyncio


async def child():
    for n in range(3):
        try:
            await asyncio.sleep(0.010)
            print("child slept")
        except asyncio.CancelledError:
            print("child swallows")


async def parent():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child())
    except asyncio.CancelledError:
        print("parent cancelled, requests:", asyncio.current_task().cancelling())
        raise


async def main():
    task = asyncio.create_task(parent())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await asyncio.wait([task])
    print("cancelled:", task.cancelled())


asyncio.run(main())
