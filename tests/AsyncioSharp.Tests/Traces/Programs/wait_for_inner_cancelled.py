import asyncio


async def inner():
    await asyncio.sleep(1)


async def main():
    child = asyncio.create_task(inner())
    asyncio.get_running_loop().call_soon(child.cancel)
    try:
        await asyncio.wait_for(child, 1)
    except asyncio.CancelledError:
        print("cancelled, requests:", asyncio.current_task().cancelling())
    except TimeoutError:
        print("never")
    await asyncio.sleep(0)
    print("main goes on")
    child = asyncio.create_task(inner())
    child.cancel()
    try:
        await asyncio.wait_for(child, 0)
    except TimeoutError:
        print("timeout, child cancelled:", child.cancelled())


asyncio.run(main())
