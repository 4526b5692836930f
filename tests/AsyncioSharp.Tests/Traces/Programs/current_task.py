import asyncio


def who(place):
    task = asyncio.current_task()
    print(place, "none" if task is None else task.get_name())


async def inner(place):
    who(place)
    await asyncio.sleep(0)
    who(place + " after a yield")


async def main():
    asyncio.current_task().set_name("main")
    loop = asyncio.get_running_loop()
    loop.call_soon(who, "callback")
    task = asyncio.create_task(inner("in task"), name="worker")
    task.add_done_callback(lambda _: who("done callback"))
    who("main")
    await inner("in coroutine")
    await task
    await asyncio.sleep(0)
    who("main again")


asyncio.run(main())
