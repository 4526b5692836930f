import asyncio


async def child(name, delay):
    try:
        async with asyncio.timeout(delay):
            try:
                await asyncio.sleep(1)
            finally:
                print(name, "requests:", asyncio.current_task().cancelling())
    except TimeoutError:
        print(name, "timed out")
        await asyncio.sleep(1)
    finally:
        print(name, "ends")


async def main():
    task = asyncio.current_task()
    for delay in (0.01, 0.02, 0.03):
        try:
            async with asyncio.timeout(0.02) as outer:
                async with asyncio.TaskGroup() as tg:
                    tg.create_task(child("child", delay + 0.005))
                    async with asyncio.timeout(delay):
                        await asyncio.sleep(1)
        except TimeoutError:
            print("timeout, expired:", outer.expired(), "requests:", task.cancelling())
        except ExceptionGroup as errors:
            print("errors:", *[type(error).__name__ == "TimeoutError" for error in errors.exceptions], "expired:", outer.expired(), "requests:", task.cancelling())


asyncio.run(main())
