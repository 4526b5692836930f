import asyncio


async def fails():
    await asyncio.sleep(0)
    print("fails")
    raise ValueError("boom")


async def sibling():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("sibling cancelled")
        raise
    finally:
        print("sibling finally")


async def main():
    task = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as group:
            other = group.create_task(sibling())
            group.create_task(fails())
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                print("body cancelled, requests:", task.cancelling())
                raise
    except ExceptionGroup as errors:
        print("errors:", *errors.exceptions)
    print("sibling cancelled:", other.cancelled(), "requests:", task.cancelling())
    await asyncio.sleep(0)
    print("main goes on")


asyncio.run(main())
