import asyncio


async def swallows(name, times):
    for i in range(times):
        try:
            await asyncio.sleep(1)
            print(name, "slept")
        except asyncio.CancelledError:
            print(name, "swallows", i, "requests:", asyncio.current_task().cancelling())
    return name


async def fails():
    await asyncio.sleep(0)
    raise ValueError("boom")


async def main():
    task = asyncio.current_task()
    tasks = []
    try:
        async with asyncio.TaskGroup() as tg:
            tasks.append(tg.create_task(swallows("b", 3)))
            tg.create_task(fails())
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                print("body swallows, requests:", task.cancelling())
            await asyncio.sleep(0)
            print("body goes on")
    except ExceptionGroup as errors:
        print("errors:", *errors.exceptions, "requests:", task.cancelling())
    for each in tasks:
        print(each.result(), "cancelled:", each.cancelled())


asyncio.run(main())
