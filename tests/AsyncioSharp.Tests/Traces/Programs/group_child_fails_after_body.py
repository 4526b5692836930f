import asyncio


async def fails():
    await asyncio.sleep(0.005)
    print("fails")
    raise ValueError("boom")


async def sibling():
    try:
        await asyncio.sleep(1)
    finally:
        print("sibling finally")


async def main():
    task = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            group.create_task(sibling())
            print("body ends")
    except ExceptionGroup as errors:
        print("errors:", *errors.exceptions)
    print("requests:", task.cancelling())
    await asyncio.sleep(0)
    print("main goes on")


asyncio.run(main())
