import asyncio


async def work():
    try:
        await asyncio.sleep(1)
    finally:
        print("cleanup starts")
        await asyncio.sleep(0.010)
        print("cleanup ends")


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work())
    loop.call_later(0.010, print, "meanwhile")
    try:
        await asyncio.wait_for(task, 0.005)
    except TimeoutError:
        print("timeout, cancelled:", task.cancelled())


asyncio.run(main())
