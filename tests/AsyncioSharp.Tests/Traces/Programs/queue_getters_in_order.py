import asyncio


async def getter(name, queue):
    print(name, "waits")
    print(name, "got", await queue.get())


async def main():
    queue = asyncio.Queue()
    tasks = [asyncio.create_task(getter(name, queue)) for name in "abc"]
    await asyncio.sleep(0)
    queue.put_nowait(1)
    queue.put_nowait(2)
    print("two put")
    await asyncio.sleep(0)
    print("one iteration later")
    queue.put_nowait(3)
    for task in tasks:
        await task


asyncio.run(main())
