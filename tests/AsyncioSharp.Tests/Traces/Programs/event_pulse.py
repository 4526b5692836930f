import asyncio


async def waiter(name, event):
    for n in range(2):
        await event.wait()
        print(name, "woken", n, "set:", event.is_set())
        await asyncio.sleep(0)


async def main():
    event = asyncio.Event()
    tasks = [asyncio.create_task(waiter(name, event)) for name in "ab"]
    await asyncio.sleep(0)
    for n in range(3):
        event.set()
        event.clear()
        print("pulse", n)
        await asyncio.sleep(0)
    await asyncio.sleep(1)
    print([task.done() for task in tasks].count(True), "done")
    event.set()
    await asyncio.wait(tasks)
    print("end")


asyncio.run(main())
