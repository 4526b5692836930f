import asyncio


async def getter(name, queue):
    try:
        print(name, "got", await queue.get())
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    queue = asyncio.Queue()
    a, b, c = (asyncio.create_task(getter(name, queue)) for name in "abc")
    await asyncio.sleep(0)
    a.cancel()
    queue.put_nowait(1)
    await asyncio.sleep(0)
    print("done:", a.done(), b.done(), c.done(), "left:", queue.qsize())
    queue.put_nowait(2)
    c.cancel()
    print("put, then cancelled at once")
    await asyncio.sleep(0)
    print("done:", c.done(), "cancelled:", c.cancelled(), "left:", queue.qsize())


asyncio.run(main())
