import asyncio


async def leaf(name, fails):
    await asyncio.sleep(0)
    if fails:
        raise ValueError(name)
    return name


async def branch(name, fails):
    try:
        return await asyncio.gather(leaf(name + "1", False), leaf(name + "2", fails))
    finally:
        print("branch", name, "finally")


async def main():
    trees = await asyncio.gather(branch("a", False), branch("b", False))
    print(*[leaf for tree in trees for leaf in tree])
    try:
        await asyncio.gather(branch("c", True), branch("d", False))
    except ValueError as error:
        print("value error:", error)
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
