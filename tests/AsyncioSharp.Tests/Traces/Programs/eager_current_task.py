import asyncio


def eager(coroutine, name=None):
    return asyncio.Task(coroutine, loop=asyncio.get_running_loop(), eager_start=True, name=name)


def who(place):
    print(place, "in", asyncio.current_task().get_name())


async def inner():
    who("inner")
    await asyncio.sleep(0)
    who("inner later")


async def outer():
    who("outer")
    task = eager(inner(), name="inner task")
    who("outer")
    await task
    who("outer again")


async def main():
    asyncio.current_task().set_name("main")
    task = eager(outer(), name="outer task")
    who("main")
    await task
    print("left:", len(asyncio.all_tasks()))


asyncio.run(main())
