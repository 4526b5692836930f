import asyncio


async def child(name, delay):
    print(name, "starts")
    await asyncio.sleep(delay)
    print(name, "ends")
    return name + " result"


async def main():
    async with asyncio.TaskGroup() as group:
        a = group.create_task(child("a", 0.010))
        b = group.create_task(child("b", 0.005))
        c = group.create_task(child("c", 0))
        print("body ends")
    print("group ends:", a.result(), b.result(), c.result())


asyncio.run(main())
