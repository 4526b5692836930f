import asyncio


async def worker(name, lock, rounds):
    for n in range(rounds):
        async with lock:
            print(name, "in for the", n)
        print(name, "out")


async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    tasks = [asyncio.create_task(worker(name, lock, 3)) for name in "ab"]
    await asyncio.sleep(0)
    lock.release()
    print("released, locked:", lock.locked())
    await worker("main", lock, 2)
    print("main ends")
    await asyncio.wait(tasks)
    print("locked:", lock.locked())


asyncio.run(main())
