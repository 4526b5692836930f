import asyncio


async def main():
    async with asyncio.timeout(0.015) as scope:
        await asyncio.sleep(0.005)
        print("body ends")
    print("expired:", scope.expired())
    async with asyncio.timeout(None) as scope:
        print("when:", scope.when())
        await asyncio.sleep(0)
    print("expired:", scope.expired())
    await asyncio.sleep(0.020)
    print("nothing came later")


asyncio.run(main())
