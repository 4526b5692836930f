import asyncio


async def main():
    task = asyncio.current_task()
    try:
        async with asyncio.timeout(0.005) as scope:
            try:
                print("body, expired:", scope.expired())
                await asyncio.sleep(1)
                print("never")
            except asyncio.CancelledError:
                print("cancelled, expired:", scope.expired(), "requests:", task.cancelling())
                raise
            finally:
                print("finally")
    except TimeoutError:
        print("timeout, expired:", scope.expired(), "requests:", task.cancelling())
    await asyncio.sleep(0)
    print("main goes on")


asyncio.run(main())
