import asyncio


async def main():
    loop = asyncio.get_running_loop()
    loop.call_later(0.015, print, "15 ms")
    loop.call_later(0.005, print, "5 ms")
    cancelled = loop.call_later(0.010, print, "10 ms")
    loop.call_later(-1, print, "in the past")
    loop.call_soon(print, "soon")
    cancelled.cancel()
    print("timer cancelled:", cancelled.cancelled())
    await asyncio.sleep(0.025)
    print("25 ms")


asyncio.run(main())
