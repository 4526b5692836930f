import asyncio


async def main():
    task = asyncio.current_task()
    try:
        async with asyncio.timeout(0.005) as scope:
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                raise ValueError("instead") from None
    except ValueError as error:
        print("value error:", error, "expired:", scope.expired(), "requests:", task.cancelling())
    try:
        async with asyncio.timeout(1) as scope:
            raise ValueError("before")
    except ValueError as error:
        print("value error:", error, "expired:", scope.expired())
    try:
        async with asyncio.timeout(1) as scope:
            raise TimeoutError
    except TimeoutError:
        print("the body's own timeout, expired:", scope.expired())


asyncio.run(main())
