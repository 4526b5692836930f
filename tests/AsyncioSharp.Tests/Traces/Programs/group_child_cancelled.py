import asyncio


async def child(name):
    try:
        await asyncio.sleep(0.005)
        print(name, "ends")
    finally:
        print(name, "finally")


async def cancels_itself():
    raise asyncio.CancelledError


async def main():
    async with asyncio.TaskGroup() as group:
        a = group.create_task(child("a"))
        b = group.create_task(child("b"))
        c = group.create_task(cancels_itself())
        await asyncio.sleep(0)
        a.cancel()
        print("a is being cancelled")
    print("group ends, cancelled:", a.cancelled(), b.cancelled(), c.cancelled())


asyncio.run(main())
