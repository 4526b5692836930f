import asyncio


async def work():
    await asyncio.sleep(0)
    print("work ends")
    return 42


async def waiter(name, task):
    print(name, "waits")
    print(name, "got", await task)


async def main():
    task = asyncio.create_task(work())
    task.add_done_callback(lambda t: print("callback 1", t.result()))
    first = asyncio.create_task(waiter("first", task))
    second = asyncio.create_task(waiter("second", task))
    await asyncio.sleep(0)
    task.add_done_callback(lambda t: print("callback 2", t.result()))
    await second
    print("first done:", first.done())


asyncio.run(main())
