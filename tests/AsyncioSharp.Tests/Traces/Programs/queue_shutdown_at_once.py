import asyncio


async def putter(name, queue):
    try:
        await queue.put(name)
        print(name, "put")
    except asyncio.QueueShutDown:
        print(name, "shut down")


async def getter(queue):
    try:
        await queue.get()
    except asyncio.QueueShutDown:
        print("getter shut down")


async def joiner(queue):
    await queue.join()
    print("joined")


async def main():
    queue = asyncio.Queue(1)
    queue.put_nowait("item")
    tasks = [asyncio.create_task(putter(name, queue)) for name in "ab"]
    tasks.append(asyncio.create_task(joiner(queue)))
    await asyncio.sleep(0)
    queue.shutdown(immediate=True)
    print("left:", queue.qsize())
    await asyncio.wait(tasks)
    await getter(queue)


asyncio.run(main())
