import asyncio


async def waiter(name, condition):
    try:
        async with condition:
            try:
                await condition.wait()
                print(name, "woken")
            finally:
                print(name, "has the lock:", condition.locked())
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    condition = asyncio.Condition()
    a, b, c, d = (asyncio.create_task(waiter(name, condition)) for name in "abcd")
    await asyncio.sleep(0)
    a.cancel()
    print("a cancelled")
    await asyncio.sleep(0)
    print("turn, a done:", a.done(), "b done:", b.done())
    async with condition:
        b.cancel()
        print("b cancelled under the lock")
        await asyncio.sleep(0)
        b.cancel()
        print("and once more")
        await asyncio.sleep(0)
    print("released")
    await asyncio.wait([a, b, c], return_when=asyncio.FIRST_COMPLETED)
    for turn in range(4):
        await asyncio.sleep(0)
        print("turn", turn, "done:", a.done(), b.done(), c.done(), d.done())
    async with condition:
        condition.notify_all()
    await asyncio.wait([a, b, c, d])
    print("locked:", condition.locked())


asyncio.run(main())
