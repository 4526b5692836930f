import asyncio


async def work(name):
    try:
        await asyncio.sleep(1)
    finally:
        print(name, "finally")


async def gatherer(outcomes):
    try:
        await asyncio.gather(work("a"), work("b"), return_exceptions=outcomes)
        print("never")
    except asyncio.CancelledError:
        print("gatherer cancelled, requests:", asyncio.current_task().cancelling())
        raise


async def main():
    for outcomes in (False, True):
        task = asyncio.create_task(gatherer(outcomes))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        print("cancel was called")
        await asyncio.wait([task])
        print("cancelled:", task.cancelled())


asyncio.run(main())
