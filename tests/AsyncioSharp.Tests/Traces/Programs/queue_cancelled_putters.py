import asyncio


async def putter(item, queue):
    try:
        await queue.put(item)
        print("put", item)
    except asyncio.CancelledError:
        print("cancelled", item)
        raise


async def main():
    queue = asyncio.Queue(1)
    queue.put_nowait("first")
    a, b, c, d = (asyncio.create_task(putter(item, queue)) for item in "abcd")
    await asyncio.sleep(0)
    b.cancel()
    print("got", queue.get_nowait())
    a.cancel()
    print("b cancelled, room for a, a cancelled")
    await asyncio.sleep(0)
    print("turn, size", queue.qsize())
    await asyncio.sleep(0)
    print("turn, size", queue.qsize())
    print("got", await queue.get())
    queue.put_nowait("barged")
    c.cancel()
    await asyncio.sleep(0)
    print("turn, size", queue.qsize())
    print("got", await queue.get(), "and", await queue.get())
    await asyncio.wait([a, b, c, d])
    print("left:", queue.qsize(), "cancelled:", a.cancelled(), b.cancelled(), c.cancelled(), d.cancelled())


asyncio.run(main())
