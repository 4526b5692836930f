import asyncio


async def waiter(name, condition):
    try:
        async with condition:
            await condition.wait()
            print(name, "woken")
    except asyncio.CancelledError as e:
        print(name, "cancelled", e)
        raise


async def main():
    condition = asyncio.Condition()
    tasks = [asyncio.create_task(waiter(name, condition)) for name in "abcde"]
    await asyncio.sleep(0)
    async with condition:
        condition.notify()
        tasks[0].cancel("right after the notification")
        print("a notified and cancelled")
    for turn in range(5):
        await asyncio.sleep(0)
        print("turn", turn, [task.done() for task in tasks].count(True), "done")
    async with condition:
        condition.notify()
        await asyncio.sleep(0)
        waiting = [task for task in tasks if not task.done()]
        waiting[0].cancel("while it waits for the lock")
        print("the next notified, cancelled at the lock")
        await asyncio.sleep(0)
        waiting[0].cancel("once more")
    for turn in range(5):
        await asyncio.sleep(0)
        print("turn", turn, [task.done() for task in tasks].count(True), "done")
    async with condition:
        condition.notify_all()
    await asyncio.wait(tasks)
    print("locked:", condition.locked())


asyncio.run(main())
