import asyncio


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    future.set_result("ready")
    loop.call_soon(print, "callback")
    print(await future)
    print("again", await future)
    await asyncio.sleep(0)
    failed = loop.create_future()
    failed.set_exception(ValueError("boom"))
    loop.call_soon(print, "callback 2")
    for _ in range(2):
        try:
            await failed
        except ValueError as error:
            print("value error:", error)
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
