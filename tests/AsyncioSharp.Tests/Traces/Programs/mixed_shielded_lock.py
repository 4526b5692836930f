import asyncio


async def update(name, lock):
    async with lock:
        print(name, "begins")
        await asyncio.sleep(0.01)
        print(name, "ends")
        return name


async def caller(name, lock):
    try:
        return await asyncio.shield(update(name, lock))
    except asyncio.CancelledError:
        print(name, "is not waited for")
        raise


async def main():
    lock = asyncio.Lock()
    callers = [asyncio.create_task(caller(name, lock)) for name in ("a", "b")]
    await asyncio.sleep(0.005)
    callers[0].cancel()
    callers[1].cancel()
    print(*[type(result).__name__ for result in await asyncio.gather(*callers, return_exceptions=True)])
    print("locked:", lock.locked())
    async with lock:
        print("after both")


asyncio.run(main())
