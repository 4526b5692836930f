import asyncio


async def work(name):
    print(name, "ends")


async def main():
    loop = asyncio.get_running_loop()
    a = asyncio.create_task(work("a"))
    a.add_done_callback(lambda _: print("a callback"))
    b = asyncio.create_task(work("b"))
    b.add_done_callback(lambda _: print("b callback"))

    def restart(_):
        print("restart")
        asyncio.create_task(work("c")).add_done_callback(lambda _: print("c callback"))

    a.add_done_callback(restart)
    loop.call_soon(print, "soon")
    for n in range(4):
        await asyncio.sleep(0)
        print("iteration", n + 1)


asyncio.run(main())
