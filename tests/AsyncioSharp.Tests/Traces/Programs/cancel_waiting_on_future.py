import asyncio


async def work(future):
    try:
        print("waits")
        await future
    except asyncio.CancelledError:
        print("cancelled, future cancelled:", future.cancelled())
        raise
    finally:
        print("finally")


async def main():
    future = asyncio.get_running_loop().create_future()
    future.add_done_callback(lambda f: print("future callback"))
    task = asyncio.create_task(work(future))
    task.add_done_callback(lambda t: print("task callback"))
    await asyncio.sleep(0)
    task.cancel()
    print("at once: future cancelled", future.cancelled(), "task done", task.done())
    await asyncio.sleep(0)
    print("next: task done", task.done())
    await asyncio.sleep(0)
    print("task cancelled", task.cancelled())


asyncio.run(main())
