import asyncio


async def main():
    loop = asyncio.get_running_loop()

    def first():
        print("first")
        loop.call_soon(print, "queued by first")

    def second():
        print("second")
        loop.call_soon(print, "queued by second")

    loop.call_soon(first)
    loop.call_soon(second)
    loop.call_soon(print, "third")
    print("main yields")
    await asyncio.sleep(0)
    print("main after one iteration")
    await asyncio.sleep(0)
    print("main after two iterations")


asyncio.run(main())
