import asyncio


async def main():
    future = asyncio.get_running_loop().create_future()
    for name in ("first", "second", "third"):
        future.add_done_callback(lambda _, name=name: print(name))

    def adds_another(_):
        print("adds another")
        future.add_done_callback(lambda _: print("added late"))

    future.add_done_callback(adds_another)
    future.add_done_callback(lambda f: print("result", f.result()))
    future.set_result(7)
    print("set, callbacks wait")
    await asyncio.sleep(0)
    print("main after one iteration")
    await asyncio.sleep(0)
    print("main after two iterations")


asyncio.run(main())
