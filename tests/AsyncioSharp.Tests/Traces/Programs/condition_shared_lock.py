import asyncio


async def taker(lock, filled, emptied, box):
    for _ in range(3):
        async with lock:
            await filled.wait_for(lambda: box)
            print("taken", box.pop())
            emptied.notify()


async def putter(lock, filled, emptied, box):
    for n in range(3):
        async with lock:
            await emptied.wait_for(lambda: not box)
            box.append(n)
            print("put", n)
            filled.notify()


async def main():
    lock, box = asyncio.Lock(), []
    filled, emptied = asyncio.Condition(lock), asyncio.Condition(lock)
    async with asyncio.TaskGroup() as group:
        group.create_task(taker(lock, filled, emptied, box))
        group.create_task(putter(lock, filled, emptied, box))
    try:
        filled.notify()
    except RuntimeError:
        print("not locked")


asyncio.run(main())
