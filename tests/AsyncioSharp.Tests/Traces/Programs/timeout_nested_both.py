import asyncio


async def main():
    task = asyncio.current_task()
    try:
        async with asyncio.timeout(0) as outer:
            try:
                async with asyncio.timeout(0) as inner:
                    try:
                        await asyncio.sleep(1)
                    finally:
                        print("body, requests:", task.cancelling())
            except asyncio.CancelledError:
                print("inner: cancelled, requests:", task.cancelling())
                raise
            except TimeoutError:
                print("inner: timeout, requests:", task.cancelling())
                raise
    except TimeoutError:
        print("outer: timeout, requests:", task.cancelling())
    print("expired:", inner.expired(), outer.expired())


asyncio.run(main())
