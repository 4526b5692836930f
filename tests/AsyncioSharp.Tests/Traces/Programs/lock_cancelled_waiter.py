import asyncio


async def worker(name, lock):
    try:
        async with lock:
            print(name, "in")
            await asyncio.sleep(0)
    except asyncio.CancelledError:
        print(name, "cancelled, locked:", lock.locked())
        raise


async def main():
    lock = asyncio.Lock()
    tasks = [asyncio.create_task(worker(name, lock)) for name in "abcd"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    print("b cancelled")
    await asyncio.sleep(0)
    print("turn")
    tasks[3].cancel()
    print("d cancelled")
    await asyncio.wait(tasks)
    print([task.cancelled() for task in tasks].count(True), "of", len(tasks), "cancelled, locked:", lock.locked())


asyncio.run(main())
