import asyncio


async def producer(name, queue, items):
    for item in items:
        await queue.put(item)
        print(name, "put", item, "size", queue.qsize())


async def main():
    for name, queue in (("lifo", asyncio.LifoQueue(3)), ("priority", asyncio.PriorityQueue(3))):
        task = asyncio.create_task(producer(name, queue, [5, 3, 8, 1, 9, 2]))
        for _ in range(6):
            await asyncio.sleep(0)
            print(name, "got", await queue.get())
            queue.task_done()
        await queue.join()
        await task
        print(name, "empty:", queue.empty())


asyncio.run(main())
