import asyncio


async def work(failure):
    await asyncio.sleep(0)
    if failure:
        raise ValueError(failure)
    return "result"


async def main():
    task = asyncio.create_task(work(None))
    await task
    shielded = asyncio.shield(task)
    print("done at once:", shielded.done())
    print(await shielded)
    for failure in (None, "boom"):
        try:
            print(await asyncio.shield(work(failure)))
        except ValueError as error:
            print("value error:", error)
    future = asyncio.get_running_loop().create_future()
    shielded = asyncio.shield(future)
    print("cancel:", shielded.cancel(), "future cancelled:", future.cancelled())
    future.set_result(None)
    await asyncio.sleep(0)
    print("shielded cancelled:", shielded.cancelled())


asyncio.run(main())
