import asyncio


async def waiter(name, future):
    try:
        await future
    except asyncio.CancelledError as error:
        print(name, "cancelled:", *error.args)
        raise


async def main():
    future = asyncio.get_running_loop().create_future()
    tasks = [asyncio.create_task(waiter(name, future)) for name in "abc"]
    await asyncio.sleep(0)
    tasks[1].cancel("only b was meant")
    print("requests:", *[task.cancelling() for task in tasks])
    await asyncio.sleep(0)
    print("cancelled:", *[task.cancelled() for task in tasks])


asyncio.run(main())
