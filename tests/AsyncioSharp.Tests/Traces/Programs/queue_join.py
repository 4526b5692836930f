import asyncio


async def worker(queue):
    while True:
        item = await queue.get()
        await asyncio.sleep(0)
        print("done with", item)
        queue.task_done()


async def main():
    queue = asyncio.Queue()
    await queue.join()
    print("joined an empty queue")
    for n in range(3):
        queue.put_nowait(n)
    task = asyncio.create_task(worker(queue))
    await queue.join()
    print("joined")
    task.cancel()
    try:
        queue.task_done()
    except ValueError:
        print("value error")
    queue.put_nowait(3)
    queue.get_nowait()
    joining = asyncio.create_task(queue.join())
    await asyncio.sleep(0)
    print("got, but not done:", joining.done())
    queue.task_done()
    await joining
    print("joined again")


asyncio.run(main())
