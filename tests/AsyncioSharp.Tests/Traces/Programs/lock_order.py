import asyncio


async def worker(name, lock):
    print(name, "asks, locked:", lock.locked())
    async with lock:
        print(name, "in")
        await asyncio.sleep(0)
        print(name, "out")
    print(name, "released, locked:", lock.locked())


async def main():
    lock = asyncio.Lock()
    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(worker(name, lock))
    print("locked:", lock.locked())


asyncio.run(main())
