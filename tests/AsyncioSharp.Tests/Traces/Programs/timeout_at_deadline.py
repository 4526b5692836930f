import asyncio


async def main():
    loop = asyncio.get_running_loop()
    for offset in (0.005, -1):
        when = loop.time() + offset
        try:
            async with asyncio.timeout_at(when) as scope:
                print("when kept:", scope.when() == when)
                await asyncio.sleep(1)
        except TimeoutError:
            print("timeout, expired:", scope.expired(), "in time:", loop.time() >= when)
    async with asyncio.timeout_at(None) as scope:
        await asyncio.sleep(0)
    print("when:", scope.when())


asyncio.run(main())
