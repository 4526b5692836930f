import asyncio


async def work(name, delay):
    await asyncio.sleep(delay)
    return name


async def main():
    a = asyncio.create_task(work("a", 0.005))
    b = asyncio.create_task(work("b", 0))
    async for task in asyncio.as_completed([a, b, a, b]):
        print("got", await task)
    async for task in asyncio.as_completed([a]):
        print("again", await task)
    async for task in asyncio.as_completed([]):
        print("never")
    print("end")


asyncio.run(main())
