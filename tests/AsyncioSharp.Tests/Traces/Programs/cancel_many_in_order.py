import asyncio


async def work(name):
    try:
        await asyncio.sleep(1)
    finally:
        print(name, "finally")


async def main():
    loop = asyncio.get_running_loop()
    tasks = [asyncio.create_task(work(name)) for name in "abcd"]
    for task, name in zip(tasks, "abcd"):
        task.add_done_callback(lambda _, name=name: print(name, "callback"))
    await asyncio.sleep(0)
    for n in (2, 0, 3):
        tasks[n].cancel()
    loop.call_soon(print, "soon")
    tasks[1].cancel()
    await asyncio.sleep(0)
    print("main after one iteration")
    await asyncio.sleep(0)
    print("main after two iterations")


asyncio.run(main())
