import asyncio


async def work():
    task = asyncio.current_task()
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("requests:", task.cancelling())
    print("uncancel:", task.uncancel())
    print("uncancel:", task.uncancel())
    print("uncancel at zero:", task.uncancel())
    task.cancel()
    print("cancelled itself, requests:", task.cancelling())
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        print("cancelled again")
    print("requests:", task.cancelling())
    return "result"


async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    task.cancel()
    print("requests:", task.cancelling())
    print(await task)
    print("uncancel of a finished task:", task.uncancel())


asyncio.run(main())
