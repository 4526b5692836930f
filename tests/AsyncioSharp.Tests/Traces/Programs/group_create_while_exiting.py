import asyncio


async def parent(group, name, depth):
    print(name, "starts")
    await asyncio.sleep(0)
    if depth:
        group.create_task(parent(group, name + "+", depth - 1))
    print(name, "ends")


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(parent(group, "a", 3))
        group.create_task(parent(group, "b", 1))
        print("body ends")
    print("group ends")


asyncio.run(main())
