import asyncio


async def work(name, swallows=False):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError as error:
        print(name, "cancelled:", *error.args)
        if not swallows:
            raise
        return name + " result"


async def main():
    for swallows in (False, True):
        a = asyncio.create_task(work("a"))
        b = asyncio.create_task(work("b", swallows))
        gathering = asyncio.gather(a, b)
        await asyncio.sleep(0)
        print("cancel:", gathering.cancel("all of it"))
        print("done at once:", gathering.done())
        try:
            await gathering
        except asyncio.CancelledError:
            print("gathering: cancelled")
        print("children cancelled:", a.cancelled(), b.cancelled())
        print("cancel again:", gathering.cancel())


asyncio.run(main())
