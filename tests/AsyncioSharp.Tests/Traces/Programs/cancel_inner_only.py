import asyncio


async def inner():
    try:
        await asyncio.sleep(1)
    finally:
        print("inner finally")


async def outer(child):
    try:
        await child
    except asyncio.CancelledError:
        print("outer sees it, requests:", asyncio.current_task().cancelling())
    await asyncio.sleep(0)
    return "outer result"


async def main():
    child = asyncio.create_task(inner())
    task = asyncio.create_task(outer(child))
    await asyncio.sleep(0)
    child.cancel()
    print(await task)
    print("child cancelled:", child.cancelled(), "task cancelled:", task.cancelled())


asyncio.run(main())
