import asyncio


async def work(delay):
    await asyncio.sleep(delay)
    print(asyncio.current_task().get_name(), "ends")


def names(tasks):
    return sorted(task.get_name() for task in tasks)


async def main():
    tasks = [asyncio.create_task(work(delay), name=name) for name, delay in (("a", 0.005), ("b", 0.015))]
    done, pending = await asyncio.wait(tasks, timeout=0.010)
    print("done:", *names(done), "pending:", *names(pending))
    done, pending = await asyncio.wait(pending, timeout=1)
    print("done:", *names(done), "pending:", *names(pending))
    task = asyncio.create_task(work(1), name="c")
    done, pending = await asyncio.wait([task], timeout=0)
    print("done:", *names(done), "pending:", *names(pending), "cancelled:", task.cancelled())
    task.cancel()


asyncio.run(main())
