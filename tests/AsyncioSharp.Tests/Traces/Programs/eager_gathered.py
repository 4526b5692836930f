import asyncio


def eager(coroutine, name=None):
    return asyncio.Task(coroutine, loop=asyncio.get_running_loop(), eager_start=True, name=name)


async def work(name, yields):
    print(name, "starts")
    for _ in range(yields):
        await asyncio.sleep(0)
        print(name, "goes on")
    return name


async def main():
    a = eager(work("a", 1))
    print("a created")
    print("gathered", *await asyncio.gather(eager(work("b", 0)), a, work("c", 2)))
    all_done = asyncio.gather(eager(work("d", 0)), eager(work("e", 0)))
    print("done at once:", all_done.done())
    print("gathered", *await all_done)


asyncio.run(main())
