import asyncio


async def worker(name, semaphore):
    await semaphore.acquire()
    print(name, "acquired")


async def main():
    semaphore = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(worker(name, semaphore)) for name in "abcd"]
    await asyncio.sleep(0)
    for _ in range(3):
        semaphore.release()
    print("three released, locked:", semaphore.locked())
    await asyncio.sleep(0)
    print("done:", *[task.done() for task in tasks])
    semaphore.release()
    semaphore.release()
    await tasks[3]
    print("one is left, locked:", semaphore.locked())


asyncio.run(main())
