import asyncio


async def main():
    async with asyncio.timeout(1) as outer:
        try:
            async with asyncio.timeout(0.005) as inner:
                await asyncio.sleep(1)
        except TimeoutError:
            print("inner timeout, expired:", inner.expired(), outer.expired())
        await asyncio.sleep(0)
        print("outer body goes on")
    try:
        async with asyncio.timeout(1) as outer:
            async with asyncio.timeout(0.005):
                await asyncio.sleep(1)
            print("never")
    except TimeoutError:
        print("inner timeout passes the outer, expired:", outer.expired())


asyncio.run(main())
