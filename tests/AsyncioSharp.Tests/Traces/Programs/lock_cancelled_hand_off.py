import asyncio


async def worker(name, lock):
    try:
        async with lock:
            print(name, "in")
    except asyncio.CancelledError:
        print(name, "cancelled, locked:", lock.locked())
        raise
    print(name, "out")


async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    a, b, c = (asyncio.create_task(worker(name, lock)) for name in "abc")
    await asyncio.sleep(0)
    lock.release()
    a.cancel()
    print("released to a, a cancelled")
    await asyncio.sleep(0)
    print("turn 1")
    await asyncio.sleep(0)
    print("turn 2, b done:", b.done(), "c done:", c.done())
    await asyncio.wait([a, b, c])
    print("locked:", lock.locked())


asyncio.run(main())
