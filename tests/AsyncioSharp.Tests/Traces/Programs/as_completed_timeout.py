import asyncio


async def work(name, delay):
    await asyncio.sleep(delay)
    print(name, "ends")
    return name


async def main():
    a = asyncio.create_task(work("a", 0.005))
    b = asyncio.create_task(work("b", 0.015))
    try:
        async for task in asyncio.as_completed([a, b], timeout=0.010):
            print("got", await task)
    except TimeoutError:
        print("timeout")
    print("b done:", b.done(), "cancelled:", b.cancelled())
    print("got", await b)


asyncio.run(main())
