import asyncio


async def getter(queue):
    print("getter waits")
    print("getter got", await queue.get())


async def main():
    queue = asyncio.Queue()
    task = asyncio.create_task(getter(queue))
    await asyncio.sleep(0)
    queue.put_nowait("first")
    print("barging got", queue.get_nowait())
    await asyncio.sleep(0)
    print("getter done:", task.done())
    queue.put_nowait("second")
    print("got without waiting", await queue.get())
    await asyncio.sleep(0)
    queue.put_nowait("third")
    await task


asyncio.run(main())
