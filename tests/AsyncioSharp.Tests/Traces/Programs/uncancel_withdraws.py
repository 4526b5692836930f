import asyncio


async def work():
    task = asyncio.current_task()
    task.cancel()
    print("uncancel:", task.uncancel())
    await asyncio.sleep(0)
    print("not cancelled")
    task.cancel()
    task.cancel()
    print("uncancel:", task.uncancel())
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        print("cancelled, requests:", task.cancelling())
    task.cancel()
    task.uncancel()
    task.uncancel()
    return "result"


async def main():
    task = asyncio.create_task(work())
    print(await task)
    print("cancelled:", task.cancelled())
    fresh = asyncio.create_task(work())
    fresh.cancel()
    print("uncancel of a fresh task:", fresh.uncancel())
    print(await fresh)


asyncio.run(main())
