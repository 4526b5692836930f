import asyncio


async def slow():
    try:
        await asyncio.sleep(1)
    finally:
        print("cleans up")
        await asyncio.sleep(0.05)
        print("cleaned up")


async def main():
    loop = asyncio.get_running_loop()
    start = loop.time()
    try:
        async with asyncio.timeout(0.01):
            async with asyncio.TaskGroup() as tg:
                tg.create_task(slow())
    except TimeoutError:
        print("timeout, late:", loop.time() - start > 0.05)
    try:
        async with asyncio.timeout(0.01):
            async with asyncio.timeout(0.02):
                try:
                    await asyncio.sleep(1)
                finally:
                    try:
                        await asyncio.sleep(1)
                    finally:
                        print("interrupted twice, requests:", asyncio.current_task().cancelling())
    except TimeoutError as e:
        print("timeout", type(e.__cause__).__name__ == "CancelledError", "requests:", asyncio.current_task().cancelling())


asyncio.run(main())
