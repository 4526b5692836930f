import asyncio


async def worker(name, semaphore):
    try:
        await semaphore.acquire()
        print(name, "acquired")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    semaphore = asyncio.Semaphore(0)
    a, b, c = (asyncio.create_task(worker(name, semaphore)) for name in "abc")
    await asyncio.sleep(0)
    semaphore.release()
    a.cancel()
    print("released to a, a cancelled")
    await asyncio.wait([a, b])
    print("a cancelled:", a.cancelled(), "c done:", c.done())
    semaphore.release()
    semaphore.release()
    c.cancel()
    await asyncio.wait([c])
    print("locked:", semaphore.locked())
    await semaphore.acquire()
    await semaphore.acquire()
    print("both permits came back, locked:", semaphore.locked())


asyncio.run(main())
