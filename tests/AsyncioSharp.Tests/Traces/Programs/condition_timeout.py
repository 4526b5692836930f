import asyncio


async def holder(condition):
    await asyncio.sleep(0.5)
    async with condition:
        print("holder in")
        await asyncio.sleep(2)
        print("holder out")


async def waiter(name, condition, patience):
    async with condition:
        try:
            async with asyncio.timeout(patience):
                await condition.wait_for(lambda: False)
        except TimeoutError:
            print(name, "gave up after", patience, "locked:", condition.locked())
    print(name, "out")


async def main():
    condition = asyncio.Condition()
    async with asyncio.TaskGroup() as group:
        group.create_task(waiter("a", condition, 1))
        group.create_task(waiter("b", condition, 3))
        group.create_task(waiter("c", condition, 0.25))
        group.create_task(waiter("d", condition, 1))
        group.create_task(holder(condition))
    print("locked:", condition.locked())


asyncio.run(main())
