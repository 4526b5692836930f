import asyncio


async def work(delay, failure=None):
    await asyncio.sleep(delay)
    name = asyncio.current_task().get_name()
    print(name, "ends")
    if failure:
        raise ValueError(failure)


def names(tasks):
    return sorted(task.get_name() for task in tasks)


async def main():
    a = asyncio.create_task(work(0), name="a")
    b = asyncio.create_task(work(1), name="b")
    c = asyncio.create_task(work(0.005, "boom"), name="c")
    d = asyncio.create_task(work(1), name="d")
    await asyncio.sleep(0)
    b.cancel()
    done, pending = await asyncio.wait([a, b, c, d], return_when=asyncio.FIRST_EXCEPTION)
    print("done:", *names(done), "pending:", *names(pending), "failed:", c.exception())
    done, pending = await asyncio.wait([a, b], return_when=asyncio.FIRST_EXCEPTION)
    print("done:", *names(done), "pending:", len(pending))
    d.cancel()


asyncio.run(main())
