import asyncio


async def getter(name, queue):
    try:
        print(name, "got", await queue.get())
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def putter(name, queue):
    try:
        await queue.put(name)
        print(name, "put")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    queue = asyncio.Queue(1)
    a, b = (asyncio.create_task(getter(name, queue)) for name in "ab")
    await asyncio.sleep(0)
    queue.put_nowait("item")
    a.cancel()
    await b
    queue.put_nowait("first")
    c, d = (asyncio.create_task(putter(name, queue)) for name in "cd")
    await asyncio.sleep(0)
    print("got", queue.get_nowait())
    c.cancel()
    await d
    print("got", queue.get_nowait(), "left:", queue.qsize())


asyncio.run(main())
