import asyncio


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: print("handler:", context["exception"]))

    def fail(text):
        print("about to fail")
        raise ValueError(text)

    loop.call_soon(fail, "one")
    loop.call_soon(print, "between")
    loop.call_later(0.005, fail, "two")
    future = loop.create_future()
    future.add_done_callback(lambda _: fail("three"))
    future.add_done_callback(lambda _: print("second done callback"))
    future.set_result(None)
    await asyncio.sleep(0.010)
    print("main goes on")


asyncio.run(main())
