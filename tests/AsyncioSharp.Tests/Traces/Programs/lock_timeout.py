import asyncio


async def holder(lock):
    async with lock:
        print("holder in")
        await asyncio.sleep(2)
    print("holder out")


async def asker(name, lock, patience):
    try:
        async with asyncio.timeout(patience):
            async with lock:
                print(name, "in")
    except TimeoutError:
        print(name, "gave up, locked:", lock.locked())


async def main():
    lock = asyncio.Lock()
    async with asyncio.TaskGroup() as group:
        group.create_task(holder(lock))
        group.create_task(asker("a", lock, 1))
        group.create_task(asker("b", lock, 3))
        group.create_task(asker("c", lock, 2.5))
        group.create_task(asker("d", lock, 0))
    print("locked:", lock.locked())


asyncio.run(main())
