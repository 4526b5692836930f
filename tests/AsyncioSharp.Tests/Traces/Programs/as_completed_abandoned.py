import asyncio


async def work(name, delay):
    await asyncio.sleep(delay)
    print(name, "ends")
    return name


async def main():
    tasks = [asyncio.create_task(work(name, delay)) for name, delay in (("a", 0.005), ("b", 0.010))]
    async for task in asyncio.as_completed(tasks):
        print("first:", await task)
        break
    print("left, b done:", tasks[1].done())
    print("b was not stopped:", await tasks[1])


asyncio.run(main())
