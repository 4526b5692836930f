import asyncio


async def waiter(name, future):
    try:
        await future
    except ValueError as error:
        print(name, "value error:", error)
        return name + " handled"
    finally:
        print(name, "finally")


async def main():
    future = asyncio.get_running_loop().create_future()
    tasks = [asyncio.create_task(waiter(name, future)) for name in "abc"]
    await asyncio.sleep(0)
    future.set_exception(ValueError("boom"))
    for task in tasks:
        print(await task)
    print("exception kept:", future.exception())


asyncio.run(main())
