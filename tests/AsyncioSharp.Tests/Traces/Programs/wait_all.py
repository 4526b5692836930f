import asyncio


async def work(name, delay, failure=None):
    await asyncio.sleep(delay)
    print(name, "ends")
    if failure:
        raise ValueError(failure)


async def main():
    tasks = [
        asyncio.create_task(work("a", 0.010)),
        asyncio.create_task(work("b", 0, "boom")),
        asyncio.create_task(work("c", 0.005)),
    ]
    tasks[2].cancel()
    done, pending = await asyncio.wait(tasks)
    print("done:", len(done), "pending:", len(pending))
    print("failed:", tasks[1].exception(), "cancelled:", tasks[2].cancelled())
    try:
        await asyncio.wait([])
    except ValueError:
        print("value error")


asyncio.run(main())
