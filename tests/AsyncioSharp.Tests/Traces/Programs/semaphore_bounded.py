import asyncio


async def worker(name, semaphore):
    async with semaphore:
        print(name, "in, locked:", semaphore.locked())
        await asyncio.sleep(0)
    print(name, "out, locked:", semaphore.locked())


async def main():
    semaphore = asyncio.BoundedSemaphore(2)
    tasks = [asyncio.create_task(worker(name, semaphore)) for name in "abcd"]
    await asyncio.sleep(0)
    tasks[2].cancel()
    tasks[0].cancel()
    print("c and a cancelled")
    await asyncio.wait(tasks)
    try:
        semaphore.release()
    except ValueError:
        print("released too many times")
    print("locked:", semaphore.locked())


asyncio.run(main())
