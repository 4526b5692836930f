import asyncio


async def inner():
    try:
        await asyncio.sleep(0.005)
        print("inner ends")
        return "result"
    except asyncio.CancelledError:
        print("never")
        raise


async def outer(child):
    try:
        print(await asyncio.shield(child))
    except asyncio.CancelledError as error:
        print("outer cancelled:", *error.args, "child done:", child.done())
        raise


async def main():
    child = asyncio.create_task(inner())
    task = asyncio.create_task(outer(child))
    await asyncio.sleep(0)
    task.cancel("outside")
    await asyncio.wait([task])
    print("task cancelled:", task.cancelled(), "child requests:", child.cancelling())
    print(await child)


asyncio.run(main())
