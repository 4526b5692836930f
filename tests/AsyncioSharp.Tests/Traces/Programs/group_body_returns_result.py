import asyncio


async def child(n):
    await asyncio.sleep(0.005 * n)
    print("child", n)
    return n * n


async def squares(count):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(child(n)) for n in range(count)]
    return [task.result() for task in tasks]


async def main():
    print(*await squares(4))
    async with asyncio.TaskGroup() as group:
        group.create_task(squares(2))
        group.create_task(child(0))
    print("end")


asyncio.run(main())
