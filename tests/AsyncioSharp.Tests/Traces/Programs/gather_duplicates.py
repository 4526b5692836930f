import asyncio


async def work(name):
    print(name, "runs")
    await asyncio.sleep(0)
    return name


async def main():
    a = asyncio.create_task(work("a"))
    b = asyncio.create_task(work("b"))
    print(*await asyncio.gather(a, b, a, a))
    gathering = asyncio.gather(a, a)
    print("done at once:", gathering.done())
    print(*await gathering)


asyncio.run(main())
