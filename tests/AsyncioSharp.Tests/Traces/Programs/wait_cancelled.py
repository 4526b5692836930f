import asyncio


async def work():
    try:
        await asyncio.sleep(0.005)
        print("work ends")
    except asyncio.CancelledError:
        print("never")
        raise


async def waiter(tasks):
    try:
        await asyncio.wait(tasks)
    except asyncio.CancelledError:
        print("waiter cancelled")
        raise


async def main():
    task = asyncio.create_task(work())
    waiting = asyncio.create_task(waiter([task]))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    print("waiter cancelled:", waiting.cancelled(), "task done:", task.done())
    await task
    print("task cancelled:", task.cancelled())


asyncio.run(main())
