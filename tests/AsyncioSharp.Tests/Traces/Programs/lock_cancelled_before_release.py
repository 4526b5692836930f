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
    a.cancel()
    lock.release()
    print("a cancelled, released")
    for turn in range(1, 4):
        await asyncio.sleep(0)
        print("turn", turn, "b done:", b.done(), "c done:", c.done())
    await asyncio.wait([a, b, c])
    await lock.acquire()
    d, e, f = (asyncio.create_task(worker(name, lock)) for name in "def")
    await asyncio.sleep(0)
    e.cancel()
    lock.release()
    print("e cancelled, released")
    for turn in range(1, 4):
        await asyncio.sleep(0)
        print("turn", turn, "d done:", d.done(), "f done:", f.done())
    await asyncio.wait([d, e, f])
    print("locked:", lock.locked())


asyncio.run(main())
