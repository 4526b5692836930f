import asyncio


async def fails():
    raise ValueError("boom")


async def main():
    task = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                print("body swallows, requests:", task.cancelling())
            await asyncio.sleep(0)
            print("body goes on, requests:", task.cancelling())
    except ExceptionGroup as errors:
        print("errors:", *errors.exceptions, "requests:", task.cancelling())


asyncio.run(main())
