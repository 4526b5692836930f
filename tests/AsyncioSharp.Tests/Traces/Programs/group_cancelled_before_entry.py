import asyncio


async def child():
    print("child runs")


async def group(waits):
    task = asyncio.current_task()
    task.cancel()
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(child())
            if waits:
                await asyncio.sleep(0)
            print("body ends, requests:", task.cancelling())
        print("group ends")
    finally:
        print("requests:", task.cancelling())


async def main():
    for waits in (True, False):
        task = asyncio.create_task(group(waits))
        await asyncio.wait([task])
        print("cancelled:", task.cancelled())


asyncio.run(main())
