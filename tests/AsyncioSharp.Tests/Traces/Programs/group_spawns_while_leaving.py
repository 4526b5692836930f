import asyncio


async def child(tg, depth):
    print("child", depth, "begins")
    await asyncio.sleep(0)
    if depth < 3:
        tg.create_task(child(tg, depth + 1))
        tg.create_task(child(tg, 9))
    await asyncio.sleep(0)
    print("child", depth, "ends")


async def main():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(child(tg, 0))
        print("body ends")
    print("group ends")
    late = child(tg, 5)
    try:
        tg.create_task(late)
    except RuntimeError:
        print("too late")


asyncio.run(main())
