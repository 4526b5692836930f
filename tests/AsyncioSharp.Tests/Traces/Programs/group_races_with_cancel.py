import asyncio


async def fails(name):
    for _ in range(3):
        await asyncio.sleep(0)
    print(name, "fails")
    raise ValueError(name)


async def group(name):
    task = asyncio.current_task()
    try:
        try:
            async with asyncio.TaskGroup() as tg:
                tg.create_task(fails(name))
                await asyncio.sleep(1)
        except ExceptionGroup as errors:
            print(name, "errors:", *errors.exceptions, "requests:", task.cancelling())
            await asyncio.sleep(0)
            print(name, "not cancelled")
    except asyncio.CancelledError:
        print(name, "cancelled, requests:", task.cancelling())
        raise


async def main():
    for turns in range(3, 10):
        task = asyncio.create_task(group(f"after {turns}"))
        for _ in range(turns):
            await asyncio.sleep(0)
        print("cancel:", task.cancel())
        await asyncio.wait([task])
        print("cancelled:", task.cancelled(), "requests:", task.cancelling())


asyncio.run(main())
