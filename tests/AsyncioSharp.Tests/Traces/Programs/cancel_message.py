import asyncio


async def inner():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError as error:
        print("inner:", *error.args)
        raise


async def outer(task):
    try:
        await task
    except asyncio.CancelledError as error:
        print("outer:", *error.args)
        raise


async def main():
    child = asyncio.create_task(inner())
    task = asyncio.create_task(outer(child))
    await asyncio.sleep(0)
    task.cancel("a message")
    try:
        await task
    except asyncio.CancelledError as error:
        print("task cancelled:", *error.args)
    try:
        child.result()
    except asyncio.CancelledError:
        print("child result: cancelled")


asyncio.run(main())
