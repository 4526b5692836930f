import asyncio


async def worker(name, semaphore):
    print(name, "asks")
    async with semaphore:
        print(name, "in")
        await asyncio.sleep(0)
    print(name, "out")


async def main():
    semaphore = asyncio.Semaphore(1)
    await semaphore.acquire()
    task = asyncio.create_task(worker("task", semaphore))
    await asyncio.sleep(0)
    semaphore.release()
    print("released, locked:", semaphore.locked())
    await worker("main", semaphore)
    print("task done:", task.done())
    await worker("main again", semaphore)
    print("locked:", semaphore.locked())


asyncio.run(main())
