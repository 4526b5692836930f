import asyncio


async def work(name, yields):
    print(name, "starts")
    for _ in range(yields):
        await asyncio.sleep(0)
        print(name, "goes on")
    return name


async def main():
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    a = asyncio.create_task(work("a", 1))
    print("a created")
    print("gathered", *await asyncio.gather(work("b", 0), a, work("c", 2)))
    all_done = asyncio.gather(work("d", 0), work("e", 0))
    print("done at once:", all_done.done())
    print("gathered", *await all_done)


asyncio.run(main())
