import asyncio


async def finished():
    print("finished runs, no yield")
    return "value"


async def work(future):
    task = asyncio.current_task()
    task.cancel("by itself")
    print(await finished())
    print("a done future:", await future)
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError as error:
        print("cancelled:", *error.args)
    await asyncio.sleep(0)
    print("once only, requests:", task.cancelling())
    task.cancel("again")
    pending = asyncio.get_running_loop().create_future()
    try:
        await pending
    except asyncio.CancelledError as error:
        print("cancelled:", *error.args)
    print("pending future cancelled:", pending.cancelled())


async def main():
    future = asyncio.get_running_loop().create_future()
    future.set_result("ready")
    await asyncio.create_task(work(future))


asyncio.run(main())
