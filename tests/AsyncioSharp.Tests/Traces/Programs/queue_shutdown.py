import asyncio


async def getter(name, queue):
    try:
        while True:
            print(name, "got", await queue.get())
    except asyncio.QueueShutDown:
        print(name, "shut down")


def attempt(name, function):
    try:
        print(name, function())
    except asyncio.QueueShutDown:
        print(name, "shut down")


async def main():
    queue = asyncio.Queue()
    task = asyncio.create_task(getter("waiting", queue))
    await asyncio.sleep(0)
    queue.put_nowait(1)
    queue.put_nowait(2)
    queue.shutdown()
    attempt("put", lambda: queue.put_nowait(3))
    await task
    attempt("get", queue.get_nowait)
    task = asyncio.create_task(getter("late", queue))
    await task
    queue.shutdown()
    print("left:", queue.qsize())


asyncio.run(main())
