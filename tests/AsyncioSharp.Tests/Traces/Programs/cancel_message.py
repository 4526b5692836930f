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
    for name, each in (("child", child), ("task", task)):
        try:
            await each
        except asyncio.CancelledError as error:
            print(name, "cancelled:", *error.args)
    try:
        task.result()
    except asyncio.CancelledError:
        print("result: cancelled")


asyncio.run(main())
