import asyncio


async def waiter(name, future):
    try:
        await future
    except asyncio.CancelledError as error:
        print(name, "cancelled:", *error.args)
        raise


async def main():
    future = asyncio.get_running_loop().create_future()
    a = asyncio.create_task(waiter("a", future))
    b = asyncio.create_task(waiter("b", future))
    future.add_done_callback(lambda f: print("callback, cancelled:", f.cancelled()))
    await asyncio.sleep(0)
    print("cancel:", future.cancel("by hand"))
    print("done at once:", future.done(), "task done:", a.done())
    print("cancel again:", future.cancel())
    await asyncio.sleep(0)
    print("a cancelled:", a.cancelled(), "b cancelled:", b.cancelled())
    print("requests:", a.cancelling(), b.cancelling())


asyncio.run(main())
