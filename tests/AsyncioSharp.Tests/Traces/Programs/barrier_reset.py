import asyncio


async def worker(name, barrier):
    for n in range(2):
        try:
            print(name, "passed as", await barrier.wait(), "in round", n)
        except asyncio.BrokenBarrierError:
            print(name, "broken in round", n)


async def main():
    barrier = asyncio.Barrier(3)
    tasks = [asyncio.create_task(worker(name, barrier)) for name in "ab"]
    await asyncio.sleep(0)
    print("waiting:", barrier.n_waiting)
    await barrier.reset()
    print("reset, waiting:", barrier.n_waiting, "broken:", barrier.broken)
    late = asyncio.create_task(worker("late", barrier))
    await asyncio.sleep(1)
    print("waiting:", barrier.n_waiting)
    last = asyncio.create_task(worker("last", barrier))
    await asyncio.sleep(0)
    await barrier.reset()
    print("reset while it drains")
    await asyncio.sleep(1)
    print("waiting:", barrier.n_waiting, "broken:", barrier.broken)
    await barrier.abort()
    await asyncio.wait([*tasks, late, last])
    print("end")


asyncio.run(main())
