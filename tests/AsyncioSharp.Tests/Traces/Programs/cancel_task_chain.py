import asyncio


async def chain(depth):
    name = f"depth {depth}"
    try:
        if depth < 3:
            await asyncio.create_task(chain(depth + 1))
        else:
            await asyncio.sleep(1)
    except asyncio.CancelledError:
        print(name, "cancelled, requests:", asyncio.current_task().cancelling())
        raise
    finally:
        print(name, "finally")


async def main():
    task = asyncio.create_task(chain(0))
    task.add_done_callback(lambda _: print("outermost is done"))
    for _ in range(4):
        await asyncio.sleep(0)
    task.cancel()
    print("cancel was called")
    for n in range(5):
        await asyncio.sleep(0)
        print("iteration", n + 1, "done:", task.done())


asyncio.run(main())
