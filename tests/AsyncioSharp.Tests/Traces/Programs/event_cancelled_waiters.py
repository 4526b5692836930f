import asyncio


async def waiter(name, event):
    try:
        await event.wait()
        print(name, "woken")
    except asyncio.CancelledError:
        print(name, "cancelled, set:", event.is_set())
        raise


async def main():
    event = asyncio.Event()
    a, b, c, d = (asyncio.create_task(waiter(name, event)) for name in "abcd")
    await asyncio.sleep(0)
    a.cancel()
    event.set()
    b.cancel()
    print("a cancelled, set, b cancelled")
    await asyncio.sleep(0)
    print("turn")
    d.cancel()
    await asyncio.wait([a, b, c, d])
    print("cancelled:", a.cancelled(), b.cancelled(), c.cancelled(), d.cancelled())
    try:
        event.clear()
        async with asyncio.timeout(1):
            await event.wait()
    except TimeoutError:
        print("nobody sets it")


asyncio.run(main())
