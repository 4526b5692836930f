import asyncio


async def main():
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(0.005) as scope:
        scope.reschedule(loop.time() + 0.015)
        await asyncio.sleep(0.010)
        print("later: still here")
        scope.reschedule(None)
        await asyncio.sleep(0.010)
        print("never: still here, when:", scope.when())
    try:
        async with asyncio.timeout(1) as scope:
            scope.reschedule(loop.time())
            print("sooner: not yet expired:", scope.expired())
            await asyncio.sleep(1)
    except TimeoutError:
        print("sooner: timeout")


asyncio.run(main())
