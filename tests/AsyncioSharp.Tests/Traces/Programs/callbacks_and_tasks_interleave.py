import asyncio


async def worker(name):
    for n in range(3):
        print(name, n)
        await asyncio.sleep(0)
    print(name, "ends")


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    future.add_done_callback(lambda _: print("future callback"))
    loop.call_soon(print, "callback 1")
    a = asyncio.create_task(worker("a"))
    loop.call_soon(future.set_result, None)
    b = asyncio.create_task(worker("b"))
    loop.call_soon(print, "callback 2")
    a.add_done_callback(lambda _: print("a callback"))
    await b
    print("main: b ended, a done:", a.done())


asyncio.run(main())
