import asyncio


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def twice(_):
        print("twice")

    def once(_):
        print("once")

    future.add_done_callback(twice)
    future.add_done_callback(once)
    future.add_done_callback(twice)
    print("removed", future.remove_done_callback(twice))
    print("removed", future.remove_done_callback(twice))
    future.add_done_callback(twice)
    future.set_result(None)
    print("removed after set", future.remove_done_callback(once))
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
