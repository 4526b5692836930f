import asyncio


def eager(coroutine, name=None):
    return asyncio.Task(coroutine, loop=asyncio.get_running_loop(), eager_start=True, name=name)


async def fails(yields):
    print("fails starts")
    for _ in range(yields):
        await asyncio.sleep(0)
    raise ValueError(f"after {yields}")


async def main():
    for yields in (0, 1):
        task = eager(fails(yields))
        print("created, done:", task.done())
        task.add_done_callback(lambda _: print("callback"))
        try:
            await task
        except ValueError as error:
            print("value error:", error)
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
