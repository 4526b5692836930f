import asyncio


async def returns():
    asyncio.current_task().cancel("on the way out")
    print("returns")
    return "result"


async def fails():
    asyncio.current_task().cancel()
    raise ValueError("boom")


async def main():
    task = asyncio.create_task(returns())
    try:
        print(await task)
    except asyncio.CancelledError as error:
        print("cancelled:", *error.args)
    print("task cancelled:", task.cancelled())
    task = asyncio.create_task(fails())
    try:
        await task
    except ValueError as error:
        print("value error:", error)
    print("task cancelled:", task.cancelled())


asyncio.run(main())
