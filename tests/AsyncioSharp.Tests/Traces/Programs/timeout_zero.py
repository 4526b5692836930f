import asyncio


async def body_with_await():
    print("body runs")
    await asyncio.sleep(0)
    print("never")


async def body_without_await():
    print("body runs")


async def main():
    for delay in (0, -1):
        for body in (body_with_await, body_without_await):
            try:
                async with asyncio.timeout(delay) as scope:
                    await body()
                print("no timeout, expired:", scope.expired())
            except TimeoutError:
                print("timeout, expired:", scope.expired())
    await asyncio.sleep(0)
    print("requests:", asyncio.current_task().cancelling())


asyncio.run(main())
