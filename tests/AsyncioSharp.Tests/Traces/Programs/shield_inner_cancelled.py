import asyncio


async def inner():
    await asyncio.sleep(1)


async def main():
    child = asyncio.create_task(inner())
    shielded = asyncio.shield(child)
    await asyncio.sleep(0)
    child.cancel()
    try:
        await shielded
    except asyncio.CancelledError:
        print("cancelled, requests:", asyncio.current_task().cancelling())
    print("shielded:", shielded.cancelled(), "child:", child.cancelled())
    await asyncio.sleep(0)
    print("main goes on")


asyncio.run(main())
