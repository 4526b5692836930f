import asyncio


async def work(future):
    try:
        print("got", await future)
    except asyncio.CancelledError:
        print("cancelled, the future has", future.result())
        raise


async def main():
    loop = asyncio.get_running_loop()
    for order in ("set, cancel", "cancel, set"):
        future = loop.create_future()
        task = asyncio.create_task(work(future))
        await asyncio.sleep(0)
        print(order)
        if order == "set, cancel":
            future.set_result("result")
            print("cancel:", task.cancel())
        else:
            loop.call_soon(task.cancel)
            future.set_result("result")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        print("done:", task.done(), "cancelled:", task.cancelled())


asyncio.run(main())
