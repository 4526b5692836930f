import asyncio


async def main():
    try:
        async with asyncio.timeout(0.005) as outer:
            try:
                async with asyncio.timeout(1) as inner:
                    await asyncio.sleep(1)
            except TimeoutError:
                print("never")
            finally:
                print("inner expired:", inner.expired(), "outer expired:", outer.expired())
    except TimeoutError:
        print("outer timeout")
    print("requests:", asyncio.current_task().cancelling())


asyncio.run(main())
