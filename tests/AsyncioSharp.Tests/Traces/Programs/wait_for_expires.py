import asyncio


async def work(name):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise
    finally:
        print(name, "finally")


async def main():
    try:
        await asyncio.wait_for(work("coroutine"), 0.005)
    except TimeoutError:
        print("timeout")
    task = asyncio.create_task(work("task"))
    try:
        await asyncio.wait_for(task, 0.005)
    except TimeoutError:
        print("timeout, task cancelled:", task.cancelled())
    future = asyncio.get_running_loop().create_future()
    try:
        await asyncio.wait_for(future, 0.005)
    except TimeoutError:
        print("timeout, future cancelled:", future.cancelled())
    print("requests:", asyncio.current_task().cancelling())


asyncio.run(main())
