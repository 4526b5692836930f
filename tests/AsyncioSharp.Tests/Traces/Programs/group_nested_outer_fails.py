import asyncio


async def fails():
    await asyncio.sleep(0)
    print("outer child fails")
    raise ValueError("boom")


async def child():
    try:
        await asyncio.sleep(1)
    finally:
        print("inner child finally")


async def main():
    task = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as outer:
            outer.create_task(fails())
            try:
                async with asyncio.TaskGroup() as inner:
                    inner.create_task(child())
                    await asyncio.sleep(1)
            except asyncio.CancelledError:
                print("inner group cancelled, requests:", task.cancelling())
                raise
    except ExceptionGroup as errors:
        print("errors:", *errors.exceptions, "requests:", task.cancelling())
    await asyncio.sleep(0)
    print("main goes on")


asyncio.run(main())
