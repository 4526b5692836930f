import asyncio


async def inner(n):
    print("inner", n)
    if n < 3:
        return n + await inner(n + 1)
    return n


async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(print, "callback")
    coroutine = inner(1)
    print("made, nothing ran")
    print("sum", await coroutine)
    print("did not yield")
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
