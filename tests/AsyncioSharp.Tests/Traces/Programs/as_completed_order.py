import asyncio


async def work(name, delay):
    await asyncio.sleep(delay)
    print(name, "ends")
    if name == "c":
        raise ValueError("boom")
    return name + " result"


async def main():
    tasks = [asyncio.create_task(work(name, delay)) for name, delay in (("a", 0.015), ("b", 0.005), ("c", 0.010))]
    async for task in asyncio.as_completed(tasks):
        print("one of them:", task in tasks, "done:", task.done())
        try:
            print(await task)
        except ValueError as error:
            print("value error:", error)
    print("end")


asyncio.run(main())
