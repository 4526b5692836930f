import asyncio


async def work(name, delay):
    print(name, "starts")
    await asyncio.sleep(delay)
    print(name, "ends")
    return name + " result"


async def main():
    gathering = asyncio.gather(work("a", 0.010), work("b", 0), work("c", 0.005))
    print("gathering, done:", gathering.done())
    print(*await gathering)
    empty = asyncio.gather()
    print("empty:", len(await empty))


asyncio.run(main())
