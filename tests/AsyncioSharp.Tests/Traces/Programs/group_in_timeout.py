import asyncio


async def child():
    try:
        await asyncio.sleep(1)
    finally:
        print("child finally")


async def main():
    task = asyncio.current_task()
    try:
        async with asyncio.timeout(0.005) as scope:
            async with asyncio.TaskGroup() as group:
                group.create_task(child())
                print("body ends")
    except TimeoutError:
        print("timeout, expired:", scope.expired(), "requests:", task.cancelling())
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(0))
        try:
            async with asyncio.timeout(0):
                await asyncio.sleep(1)
        except TimeoutError:
            print("timeout in the body")
    print("end, requests:", task.cancelling())


asyncio.run(main())
