import asyncio


async def work():
    for attempt in range(3):
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            print("swallowed", attempt)
    return "result"


async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    for _ in range(3):
        print("cancel:", task.cancel())
        await asyncio.sleep(0)
        print("done:", task.done(), "requests:", task.cancelling())
    print(await task)
    print("cancelled:", task.cancelled(), "cancel:", task.cancel())


asyncio.run(main())
