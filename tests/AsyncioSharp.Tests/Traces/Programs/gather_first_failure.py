import asyncio


async def work(name, delay, failure=None):
    await asyncio.sleep(delay)
    print(name, "ends")
    if failure:
        raise ValueError(failure)
    return name


async def main():
    a = asyncio.create_task(work("a", 0.005))
    b = asyncio.create_task(work("b", 0, "first failure"))
    c = asyncio.create_task(work("c", 0.010, "second failure"))
    try:
        await asyncio.gather(a, b, c)
    except ValueError as error:
        print("value error:", error)
    print("done:", a.done(), b.done(), c.done())
    await asyncio.sleep(0.015)
    print("done:", a.done(), b.done(), c.done())


asyncio.run(main())
