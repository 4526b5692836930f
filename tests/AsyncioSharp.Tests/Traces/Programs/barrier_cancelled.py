import asyncio


async def worker(name, barrier):
    try:
        print(name, "passed as", await barrier.wait())
    except asyncio.CancelledError:
        print(name, "cancelled, waiting:", barrier.n_waiting)
        raise


async def main():
    barrier = asyncio.Barrier(3)
    a, b = (asyncio.create_task(worker(name, barrier)) for name in "ab")
    await asyncio.sleep(0)
    a.cancel()
    print("a cancelled, waiting:", barrier.n_waiting)
    await asyncio.sleep(0)
    print("waiting:", barrier.n_waiting)
    c, d, e = (asyncio.create_task(worker(name, barrier)) for name in "cde")
    await asyncio.sleep(0)
    c.cancel()
    e.cancel()
    print("c and e cancelled as they leave")
    for turn in range(4):
        await asyncio.sleep(0)
        print("turn", turn, "waiting:", barrier.n_waiting)
    await asyncio.wait([a, b, c, d, e], timeout=1)
    print("done:", a.done(), b.done(), c.done(), d.done(), e.done())
    f, g, h = (asyncio.create_task(worker(name, barrier)) for name in "fgh")
    await asyncio.wait([f, g, h])
    print("waiting:", barrier.n_waiting)


asyncio.run(main())
