import asyncio


async def putter(name, queue):
    print(name, "waits")
    await queue.put(name)
    print(name, "put")


async def main():
    queue = asyncio.Queue(1)
    queue.put_nowait("first")
    tasks = [asyncio.create_task(putter(name, queue)) for name in "abc"]
    await asyncio.sleep(0)
    for _ in range(4):
        print("got", queue.get_nowait())
        await asyncio.sleep(0)
    print("done:", *[task.done() for task in tasks])


asyncio.run(main())
