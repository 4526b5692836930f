import asyncio


async def producer(queue):
    for n in range(4):
        await asyncio.sleep(1)
        await queue.put(n)


async def consumer(name, queue, patience):
    while True:
        try:
            print(name, "got", await asyncio.wait_for(queue.get(), patience))
            queue.task_done()
        except TimeoutError:
            print(name, "gave up")
            return


async def main():
    queue = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(producer(queue))
        group.create_task(consumer("a", queue, 1))
        group.create_task(consumer("b", queue, 1.5))
        group.create_task(consumer("c", queue, 0.5))
    await queue.join()
    print("left:", queue.qsize())


asyncio.run(main())
