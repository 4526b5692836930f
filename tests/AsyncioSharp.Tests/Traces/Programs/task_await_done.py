import asyncio


async def work():
    print("work")
    return "result"


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    print("done:", task.done())
    loop.call_soon(print, "callback")
    print(await task)
    print("awaiting a finished task did not yield")
    other = asyncio.create_task(work())
    loop.call_soon(print, "callback 2")
    print(await other)
    print("awaiting a fresh task did")


asyncio.run(main())
