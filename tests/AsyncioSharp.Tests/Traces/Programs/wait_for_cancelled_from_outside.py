import asyncio


async def inner():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError as error:
        print("inner cancelled:", *error.args)
        raise


async def outer(awaitable, timeout):
    try:
        await asyncio.wait_for(awaitable, timeout)
    except asyncio.CancelledError as error:
        print("outer cancelled:", *error.args)
        raise


async def main():
    for timeout in (1, None):
        child = asyncio.create_task(inner())
        task = asyncio.create_task(outer(child, timeout))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel("outside")
        await asyncio.wait([task])
        print("cancelled:", task.cancelled(), child.cancelled())


asyncio.run(main())
