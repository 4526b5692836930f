import asyncio


def eager(coroutine, name=None):
    return asyncio.Task(coroutine, loop=asyncio.get_running_loop(), eager_start=True, name=name)


async def work(name, yields):
    print(name, "starts")
    for _ in range(yields):
        await asyncio.sleep(0)
        print(name, "goes on")
    return name + " result"


async def main():
    lazy = asyncio.create_task(work("lazy", 1))
    short = eager(work("short", 0))
    print("short done:", short.done())
    long = eager(work("long", 2))
    print("long done:", long.done())
    print(await long)
    print(await short)
    print(await lazy)


asyncio.run(main())
