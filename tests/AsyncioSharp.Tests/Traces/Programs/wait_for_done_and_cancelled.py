import asyncio


async def waiter(future):
    try:
        print("got", await asyncio.wait_for(future, 1))
    except asyncio.CancelledError:
        print("cancelled, future cancelled:", future.cancelled())
        raise


async def main():
    loop = asyncio.get_running_loop()
    for cancel_first in (False, True):
        future = loop.create_future()
        task = asyncio.create_task(waiter(future))
        await asyncio.sleep(0)
        if cancel_first:
            task.cancel()
            print("future done:", future.done())
        else:
            future.set_result("result")
            task.cancel()
        await asyncio.wait([task])
        print("task cancelled:", task.cancelled())


asyncio.run(main())
