import asyncio


async def producer(queue):
    for n in range(4):
        print("put", n)
        await queue.put(n)
    print("producer ends")


async def consumer(queue):
    for _ in range(4):
        print("got", await queue.get())
    print("consumer ends")


async def main():
    queue = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(consumer(queue))
        group.create_task(producer(queue))
    print("left:", queue.qsize(), "empty:", queue.empty())


asyncio.run(main())
