import asyncio


async def worker(name, rounds):
    for n in range(rounds):
        print(name, n)
        await asyncio.sleep(0)
    print(name, "ends")


async def spawner():
    task = asyncio.create_task(worker("spawned", 2))
    print("spawner made a task")
    await asyncio.sleep(0)
    print("spawner goes on")
    await task
    print("spawner ends")


async def main():
    tasks = [asyncio.create_task(worker("a", 4)), asyncio.create_task(spawner()), asyncio.create_task(worker("b", 2))]
    for task in tasks:
        await task
    print("end")


asyncio.run(main())
