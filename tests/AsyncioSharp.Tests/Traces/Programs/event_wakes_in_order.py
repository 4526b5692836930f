import asyncio


async def waiter(name, event, again):
    await event.wait()
    print(name, "woken, set:", event.is_set())
    if again:
        event.clear()
        await event.wait()
        print(name, "woken again")


async def main():
    event = asyncio.Event()
    tasks = [asyncio.create_task(waiter(name, event, name == "b")) for name in "abc"]
    await asyncio.sleep(0)
    late = asyncio.create_task(waiter("late", event, False))
    event.set()
    event.set()
    print("set")
    await asyncio.sleep(0)
    print("turn, late done:", late.done())
    print("set:", event.is_set())
    event.set()
    await event.wait()
    print("main need not wait")
    await asyncio.wait([*tasks, late])
    print("end")


asyncio.run(main())
