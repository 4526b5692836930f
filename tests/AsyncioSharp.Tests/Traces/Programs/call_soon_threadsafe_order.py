import asyncio


async def main():
    loop = asyncio.get_running_loop()

    def threadsafe():
        print("threadsafe")
        loop.call_soon_threadsafe(print, "threadsafe, queued by threadsafe")
        loop.call_soon(print, "soon, queued by threadsafe")

    loop.call_soon(print, "soon 1")
    loop.call_soon_threadsafe(threadsafe)
    loop.call_soon(print, "soon 2")
    await asyncio.sleep(0)
    print("main after one iteration")
    await asyncio.sleep(0)
    print("main after two iterations")


asyncio.run(main())
