import asyncio


async def work(cleanup):
    task = asyncio.current_task()
    try:
        async with asyncio.timeout(0.005) as scope:
            try:
                await asyncio.sleep(1)
            finally:
                print("cleanup, requests:", task.cancelling())
                await asyncio.sleep(cleanup)
                print("cleanup ends")
    except asyncio.CancelledError as error:
        print("cancelled:", *error.args, "expired:", scope.expired(), "requests:", task.cancelling())
        raise
    except TimeoutError:
        print("timeout, requests:", task.cancelling())


async def main():
    task = asyncio.create_task(work(1))
    await asyncio.sleep(0.010)
    task.cancel("outside")
    await asyncio.wait([task])
    print("cancelled:", task.cancelled())
    task = asyncio.create_task(work(0))
    await asyncio.wait([task])
    print("cancelled:", task.cancelled())


asyncio.run(main())
