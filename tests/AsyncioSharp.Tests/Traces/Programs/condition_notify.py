import asyncio


async def waiter(name, condition):
    async with condition:
        print(name, "waits")
        await condition.wait()
        print(name, "woken, locked:", condition.locked())
        await asyncio.sleep(0)
    print(name, "out")


async def main():
    condition = asyncio.Condition()
    tasks = [asyncio.create_task(waiter(name, condition)) for name in "abcd"]
    await asyncio.sleep(0)
    async with condition:
        condition.notify(2)
        print("two notified")
        await asyncio.sleep(0)
        print("still mine")
    print("released")
    await asyncio.sleep(0)
    print("turn, locked:", condition.locked())
    async with condition:
        print("main in again")
        condition.notify_all()
    await asyncio.wait(tasks)
    print("locked:", condition.locked())


asyncio.run(main())
