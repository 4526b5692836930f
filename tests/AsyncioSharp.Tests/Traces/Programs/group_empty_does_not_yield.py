import asyncio


async def child():
    print("child runs")


async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(print, "callback 1")
    async with asyncio.TaskGroup():
        print("empty body")
    print("after the empty group")
    await asyncio.sleep(0)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(child())
        await task
        print("child done in the body")
        await asyncio.sleep(0)
        loop.call_soon(print, "callback 2")
    print("after a group whose child is done")
    await asyncio.sleep(0)


asyncio.run(main())
