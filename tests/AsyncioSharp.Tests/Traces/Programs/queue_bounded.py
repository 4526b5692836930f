import asyncio


async def producer(queue):
    for n in range(5):
        await queue.put(n)
        print("put", n, "size", queue.qsize())
    print("producer ends")


async def consumer(queue):
    for _ in range(5):
        item = await queue.get()
        print("got", item, "full:", queue.full())


async def main():
    queue = asyncio.Queue(maxsize=2)
    print("maxsize:", queue.maxsize)
    async with asyncio.TaskGroup() as group:
        group.create_task(producer(queue))
        group.create_task(consumer(queue))
    print("end")


asyncio.run(main())
