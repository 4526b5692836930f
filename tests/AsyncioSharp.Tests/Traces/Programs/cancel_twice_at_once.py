import asyncio


async def work():
    for attempt in range(2):
        try:
            await asyncio.sleep(0.005)
            print("slept")
        except asyncio.CancelledError as error:
            print("cancelled:", *error.args)
    return "result"


async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel("first")
    task.cancel("second")
    print("requests:", task.cancelling())
    print(await task)
    fresh = asyncio.create_task(work())
    fresh.cancel("third")
    fresh.cancel("fourth")
    try:
        await fresh
    except asyncio.CancelledError as error:
        print("fresh cancelled:", *error.args)


asyncio.run(main())
