import asyncio


async def worker(name, barrier):
    for n in range(3):
        index = await barrier.wait()
        print(name, "round", n, "index", index, "waiting:", barrier.n_waiting)


async def main():
    barrier = asyncio.Barrier(3)
    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(worker(name, barrier))
    print("parties:", barrier.parties, "waiting:", barrier.n_waiting, "broken:", barrier.broken)


asyncio.run(main())
