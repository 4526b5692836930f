import asyncio


async def getter(name, queue):
    try:
        print(name, "got", await queue.get())
    except asyncio.QueueShutDown:
        print(name, "shut down")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def putter(item, queue):
    try:
        await queue.put(item)
        print("put", item)
    except asyncio.QueueShutDown:
        print(item, "shut out")


async def joiner(queue):
    await queue.join()
    print("joined")


async def run(immediate):
    queue = asyncio.Queue(1)
    tasks = [asyncio.create_task(getter(name, queue)) for name in "abc"]
    await asyncio.sleep(0)
    queue.put_nowait(1)
    tasks[1].cancel()
    tasks += [asyncio.create_task(putter(item, queue)) for item in "xy"]
    tasks.append(asyncio.create_task(joiner(queue)))
    queue.shutdown(immediate)
    print("shut down, size", queue.qsize())
    await asyncio.wait(tasks, timeout=1)
    print([task.done() for task in tasks].count(False), "left, size", queue.qsize())
    if not tasks[-1].done():
        queue.task_done()
    await asyncio.wait(tasks)

    full = asyncio.Queue(1)
    full.put_nowait(1)
    tasks = [asyncio.create_task(putter(item, full)) for item in "xyz"]
    tasks.append(asyncio.create_task(joiner(full)))
    await asyncio.sleep(0)
    print("full size", full.qsize())
    full.shutdown(immediate)
    tasks[1].cancel()
    await asyncio.wait(tasks, timeout=1)
    await getter("main", full)
    await getter("main", full)
    if not tasks[-1].done():
        full.task_done()
    await asyncio.wait(tasks)


async def main():
    for immediate in (False, True):
        print("immediate:", immediate)
        await run(immediate)


asyncio.run(main())
