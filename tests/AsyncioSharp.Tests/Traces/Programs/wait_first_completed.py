import asyncio


async def work(delay):
    try:
        await asyncio.sleep(delay)
    finally:
        print(asyncio.current_task().get_name(), "ends")


def names(tasks):
    return sorted(task.get_name() for task in tasks)


async def main():
    tasks = [asyncio.create_task(work(delay), name=name) for name, delay in (("a", 0.010), ("b", 0.005), ("c", 1))]
    pending = tasks
    while len(pending) > 1:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        print("done:", *names(done), "pending:", *names(pending))
    for task in pending:
        task.cancel()
    done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    print("done:", *names(done), "cancelled:", *[task.cancelled() for task in tasks])
    both = [asyncio.create_task(work(0), name=name) for name in "de"]
    done, pending = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    print("done:", *names(done), "pending:", *names(pending))


asyncio.run(main())
