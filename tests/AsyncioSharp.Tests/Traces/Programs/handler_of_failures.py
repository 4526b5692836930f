import asyncio


def handler(loop, context):
    print("handler:", context["exception"], "running:", loop.is_running())


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(handler)

    def fail(text):
        raise ValueError(text)

    loop.call_soon(fail, "in call_soon")
    loop.call_soon_threadsafe(fail, "in call_soon_threadsafe")
    loop.call_later(0.005, fail, "in call_later")
    task = asyncio.create_task(asyncio.sleep(0))
    task.add_done_callback(lambda _: fail("in a done callback"))
    await task
    await asyncio.sleep(0.010)
    loop.call_exception_handler({"message": "by hand", "exception": ValueError("by hand")})
    loop.set_exception_handler(None)
    print("handler removed:", loop.get_exception_handler() is None)


asyncio.run(main())
