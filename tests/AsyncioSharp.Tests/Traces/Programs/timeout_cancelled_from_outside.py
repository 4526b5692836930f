import asyncio


async def work():
    try:
        async with asyncio.timeout(1) as scope:
            await asyncio.sleep(1)
    except asyncio.CancelledError as error:
        print("cancelled:", *error.args, "expired:", scope.expired())
        print("requests:", asyncio.current_task().cancelling())
        raise


async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel("outside")
    try:
        await task
    except asyncio.CancelledError:
        print("task cancelled")


asyncio.run(main())
