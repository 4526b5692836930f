import asyncio


async def joiner(name, queue):
    try:
        await queue.join()
        print(name, "joined")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def worker(queue):
    while True:
        item = await queue.get()
        await asyncio.sleep(0.01)
        print("did", item)
        queue.task_done()


async def main():
    queue = asyncio.Queue()
    for n in range(3):
        queue.put_nowait(n)
    first = asyncio.create_task(joiner("first", queue))
    second = asyncio.create_task(joiner("second", queue))
    work = asyncio.create_task(worker(queue))
    await asyncio.sleep(0.015)
    first.cancel()
    try:
        await asyncio.wait_for(queue.join(), 0.003)
    except TimeoutError:
        print("not yet")
    await second
    work.cancel()
    await asyncio.wait([first, work])
    print(first.cancelled(), work.cancelled(), queue.qsize())
    await queue.join()
    print("nothing left to join")


asyncio.run(main())
