import asyncio


async def child():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        raise ValueError("from the cleanup") from None


async def parent():
    task = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child())
    except ExceptionGroup as errors:
        print("errors:", *errors.exceptions, "requests:", task.cancelling())
    try:
        await asyncio.sleep(0)
        print("never")
    except asyncio.CancelledError:
        print("the cancellation comes again, requests:", task.cancelling())
        raise


async def main():
    task = asyncio.create_task(parent())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    print("cancelled:", task.cancelled())


asyncio.run(main())
