import asyncio


async def work():
    print("work ends")


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work())
    await task
    loop.call_soon(print, "callback 1")
    await asyncio.wait([task])
    print("waited for a finished task")
    fresh = asyncio.create_task(work())
    fresh.add_done_callback(lambda _: print("done callback"))
    loop.call_soon(print, "callback 2")
    await asyncio.wait([fresh])
    print("waited for a fresh task")


asyncio.run(main())
