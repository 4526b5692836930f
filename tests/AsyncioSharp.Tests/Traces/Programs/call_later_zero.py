import asyncio


async def main():
    loop = asyncio.get_running_loop()

    def timer():
        print("timer")
        loop.call_soon(print, "soon, queued by timer")

    def soon():
        print("soon 2")
        loop.call_soon(print, "soon 4")

    loop.call_later(0, timer)
    loop.call_soon(print, "soon 1")
    loop.call_soon(soon)
    loop.call_soon(print, "soon 3")
    await asyncio.sleep(0)
    print("main after one iteration")
    await asyncio.sleep(0)
    print("main after two iterations")
    await asyncio.sleep(0)
    print("main after three iterations")


asyncio.run(main())
