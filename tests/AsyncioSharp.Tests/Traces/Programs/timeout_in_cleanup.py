import asyncio


async def cleans_up():
    task = asyncio.current_task()
    try:
        await asyncio.sleep(1)
    finally:
        print("requests:", task.cancelling())
        try:
            async with asyncio.timeout(0.01):
                await asyncio.sleep(1)
        except TimeoutError:
            print("timeout in clean-up, requests:", task.cancelling())
        async with asyncio.TaskGroup() as tg:
            tg.create_task(asyncio.sleep(0.01))
        print("group in clean-up, requests:", task.cancelling())


async def main():
    task = asyncio.create_task(cleans_up())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    print("cancelled:", task.cancelled(), "requests:", task.cancelling())


asyncio.run(main())
