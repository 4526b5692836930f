import asyncio


async def waiter(name, future):
    print(name, "waits")
    print(name, "got", await future)


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    a = asyncio.create_task(waiter("a", future))
    b = asyncio.create_task(waiter("b", future))
    await asyncio.sleep(0)
    future.add_done_callback(lambda _: print("callback"))
    c = asyncio.create_task(waiter("c", future))
    await asyncio.sleep(0)
    loop.call_soon(print, "queued before set")
    future.set_result("value")
    loop.call_soon(print, "queued after set")
    print("set")
    for task in (c, b, a):
        await task
    print("end")


asyncio.run(main())
