import asyncio


async def consumer(name, condition, stock):
    async with condition:
        await condition.wait_for(lambda: print(name, "looks at", len(stock)) or stock)
        print(name, "takes", stock.pop())


async def producer(condition, stock):
    for n in range(3):
        async with condition:
            stock.append(n)
            print("made", n)
            condition.notify_all()
        await asyncio.sleep(0)


async def main():
    condition, stock = asyncio.Condition(), []
    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(consumer(name, condition, stock))
        group.create_task(producer(condition, stock))
    print("left:", len(stock), "locked:", condition.locked())


asyncio.run(main())
