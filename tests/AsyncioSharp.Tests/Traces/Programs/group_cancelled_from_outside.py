import asyncio


async def child():
    try:
        await asyncio.sleep(1)
    finally:
        print("child finally")


async def parent(in_body):
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child())
            if in_body:
                try:
                    await asyncio.sleep(1)
                finally:
                    print("body finally")
    except asyncio.CancelledError as error:
        print("parent cancelled:", *error.args, "requests:", asyncio.current_task().cancelling())
        raise


async def main():
    for in_body in (True, False):
        task = asyncio.create_task(parent(in_body))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel("outside")
        await asyncio.wait([task])
        print("cancelled:", task.cancelled())


asyncio.run(main())
