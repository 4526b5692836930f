import asyncio


async def work():
    task = asyncio.current_task()
    print("in", task.get_name())
    await asyncio.sleep(0)
    print("now", task.get_name())


async def main():
    a = asyncio.create_task(work(), name="a")
    b = asyncio.create_task(work(), name="b")
    unnamed = asyncio.create_task(asyncio.sleep(0))
    print("a name of its own:", unnamed.get_name() not in ("", "a", "b"))
    await asyncio.sleep(0)
    b.set_name("renamed")
    print(*sorted(task.get_name() for task in asyncio.all_tasks() if task in (a, b)))
    await a
    await b
    print("left:", len(asyncio.all_tasks()))
    print("after the end:", a.get_name(), b.get_name())


asyncio.run(main())
