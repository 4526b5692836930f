import asyncio


async def worker(name, semaphore):
    try:
        async with semaphore:
            print(name, "in")
            await asyncio.sleep(0)
        print(name, "out")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    semaphore = asyncio.Semaphore(1)
    a, b, c, d = (asyncio.create_task(worker(name, semaphore)) for name in "abcd")
    await asyncio.sleep(0)
    b.cancel()
    d.cancel()
    print("two cancelled")
    await c
    print("cancelled:", a.cancelled(), b.cancelled(), c.cancelled(), d.cancelled())
    print("locked:", semaphore.locked())


asyncio.run(main())
