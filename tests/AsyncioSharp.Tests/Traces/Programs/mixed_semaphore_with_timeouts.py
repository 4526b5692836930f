import asyncio


async def worker(name, semaphore, patience, work):
    try:
        async with asyncio.timeout(patience):
            await semaphore.acquire()
    except TimeoutError:
        print(name, "gave up, locked:", semaphore.locked())
        return
    print(name, "is in")
    await asyncio.sleep(work)
    semaphore.release()
    print(name, "is out")


async def main():
    semaphore = asyncio.Semaphore(2)
    await asyncio.gather(
        worker("a", semaphore, 1, 0.030),
        worker("b", semaphore, 1, 0.050),
        worker("c", semaphore, 0.010, 0.010),
        worker("d", semaphore, 0.040, 0.010),
        worker("e", semaphore, 1, 0.010),
    )
    print("locked:", semaphore.locked())


asyncio.run(main())
