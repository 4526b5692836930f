import asyncio


async def fails(name, turns):
    for _ in range(turns):
        await asyncio.sleep(0)
    print(name, "fails")
    raise ValueError(name)


async def slow(name):
    try:
        await asyncio.sleep(1)
    finally:
        print(name, "cleans up")
        await asyncio.sleep(0.01)
        print(name, "cleaned up")


async def slow_and_fails(name):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        await asyncio.sleep(0.02)
        raise ValueError(name)


async def main():
    task = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(slow("a"))
            tg.create_task(slow_and_fails("b"))
            tg.create_task(fails("c", 2))
            tg.create_task(fails("d", 2))
            tg.create_task(fails("e", 9))
            print("body ends")
    except ExceptionGroup as errors:
        print("errors:", *errors.exceptions, "requests:", task.cancelling())
    await asyncio.sleep(0)
    print("main goes on")


asyncio.run(main())
