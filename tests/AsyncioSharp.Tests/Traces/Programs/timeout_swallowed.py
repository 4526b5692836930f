import asyncio


async def main():
    task = asyncio.current_task()
    async with asyncio.timeout(0.005) as scope:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            print("swallowed, requests:", task.cancelling())
        await asyncio.sleep(0.005)
        print("body goes on, expired:", scope.expired())
    print("no timeout, expired:", scope.expired(), "requests:", task.cancelling())


asyncio.run(main())
