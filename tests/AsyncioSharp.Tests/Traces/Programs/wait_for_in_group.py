import asyncio


async def slow(name):
    try:
        await asyncio.sleep(1)
    finally:
        print(name, "finally")


async def child(name, delay):
    try:
        await asyncio.wait_for(slow(name), delay)
    except TimeoutError:
        print(name, "timed out, requests:", asyncio.current_task().cancelling())


async def main():
    task = asyncio.current_task()
    async with asyncio.TaskGroup() as tg:
        tg.create_task(child("a", 0.01))
        tg.create_task(child("b", 0.02))
        await child("body", 0.03)
    try:
        await asyncio.wait_for(asyncio.wait_for(slow("nested"), 0.02), 0.01)
    except TimeoutError:
        print("outer timed out, requests:", task.cancelling())
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(asyncio.wait_for(slow("c"), 0.01))
            tg.create_task(slow("d"))
    except ExceptionGroup as errors:
        print("errors:", len(errors.exceptions), "requests:", task.cancelling())


asyncio.run(main())
