import asyncio


def state(task):
    if not task.done():
        return "pending"
    if task.cancelled():
        return "cancelled"
    return "failed" if task.exception() else "done"


async def work(kind):
    await asyncio.sleep(0)
    if kind == "fails":
        raise ValueError("boom")
    if kind == "cancels":
        asyncio.current_task().cancel()
        await asyncio.sleep(0)
    return kind


async def main():
    tasks = [asyncio.create_task(work(kind)) for kind in ("returns", "fails", "cancels")]
    for _ in range(4):
        print(*map(state, tasks))
        await asyncio.sleep(0)
    print("cancel a finished task:", *[task.cancel() for task in tasks])
    print("requests:", *[task.cancelling() for task in tasks])
    try:
        asyncio.create_task(work("late")).result()
    except asyncio.InvalidStateError:
        print("invalid state")


asyncio.run(main())
