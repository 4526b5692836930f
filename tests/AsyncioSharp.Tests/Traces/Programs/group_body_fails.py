import asyncio


async def child(name, failure):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print(name, "cancelled")
        if failure:
            raise LookupError(failure) from None
        raise


async def attempt(failure):
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child("child", failure))
            await asyncio.sleep(0)
            print("body fails")
            raise ValueError("from the body")
    except ExceptionGroup as errors:
        print("errors:", *[error.args[0] for error in errors.exceptions])


async def main():
    await attempt(None)
    await attempt("from the child")
    print("requests:", asyncio.current_task().cancelling())


asyncio.run(main())
