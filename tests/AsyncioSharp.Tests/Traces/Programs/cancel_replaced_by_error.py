import asyncio


async def fails(future):
    try:
        await future
    except asyncio.CancelledError:
        print("turned into an error")
        raise ValueError("boom") from None


async def raises_cancelled():
    await asyncio.sleep(0)
    raise asyncio.CancelledError("raised by hand")


async def main():
    task = asyncio.create_task(fails(asyncio.get_running_loop().create_future()))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except ValueError as error:
        print("value error:", error)
    print("cancelled:", task.cancelled(), "requests:", task.cancelling())
    task = asyncio.create_task(raises_cancelled())
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")
    print("cancelled:", task.cancelled(), "requests:", task.cancelling())


asyncio.run(main())
