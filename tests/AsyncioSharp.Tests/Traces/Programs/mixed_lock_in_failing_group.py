import asyncio


async def worker(name, lock, fails):
    try:
        async with lock:
            print(name, "has the lock")
            await asyncio.sleep(0.01)
            if fails:
                raise ValueError(name)
            print(name, "releases")
    except asyncio.CancelledError:
        print(name, "cancelled, locked:", lock.locked())
        raise


async def main():
    lock = asyncio.Lock()
    try:
        async with asyncio.TaskGroup() as group:
            for name in ("a", "b", "c", "d"):
                group.create_task(worker(name, lock, name == "b"))
    except* ValueError as failures:
        print("failed:", *[str(failure) for failure in failures.exceptions])
    print("locked:", lock.locked())
    async with lock:
        print("free again")


asyncio.run(main())
