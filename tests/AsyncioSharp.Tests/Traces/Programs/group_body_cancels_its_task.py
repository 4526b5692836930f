import asyncio


async def child():
    try:
        await asyncio.sleep(1)
    finally:
        print("child finally")


async def group(failing):
    task = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(child())
            await asyncio.sleep(0)
            task.cancel()
            if failing:
                raise ValueError("boom")
            print("body ends, requests:", task.cancelling())
    except ExceptionGroup as errors:
        print("errors:", *errors.exceptions, "requests:", task.cancelling())
        await asyncio.sleep(0)
        print("not cancelled")


async def main():
    for failing in (False, True):
        task = asyncio.create_task(group(failing))
        await asyncio.wait([task])
        print("cancelled:", task.cancelled(), "requests:", task.cancelling())


asyncio.run(main())
