import asyncio


async def worker(name):
    print(name, "starts")
    await asyncio.sleep(0)
    print(name, "ends")
    return name + " result"


async def main():
    a = asyncio.create_task(worker("a"))
    b = asyncio.create_task(worker("b"))
    print("created, nothing ran")
    print("done:", a.done(), b.done())
    await asyncio.sleep(0)
    print("main after one iteration")
    print(await b)
    print("a done:", a.done())
    print(await a)


asyncio.run(main())
