import asyncio


async def worker(name, barrier):
    try:
        print(name, "passed as", await barrier.wait())
    except asyncio.BrokenBarrierError:
        print(name, "broken")


async def main():
    barrier = asyncio.Barrier(2)
    a = asyncio.create_task(worker("a", barrier))
    await asyncio.sleep(0)
    await barrier.abort()
    print("aborted, broken:", barrier.broken, "waiting:", barrier.n_waiting)
    await worker("main", barrier)
    await a
    b = asyncio.create_task(worker("b", barrier))
    await barrier.reset()
    print("reset, broken:", barrier.broken)
    await worker("main", barrier)
    await b
    c, d, e = (asyncio.create_task(worker(name, barrier)) for name in "cde")
    await asyncio.sleep(0)
    await barrier.abort()
    print("aborted while it drains")
    await asyncio.wait([c, d, e])
    print("broken:", barrier.broken)


asyncio.run(main())
