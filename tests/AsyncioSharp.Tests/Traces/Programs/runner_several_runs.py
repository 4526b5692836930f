import asyncio


async def work(name):
    await asyncio.sleep(0)
    print(name, "runs")
    return asyncio.get_running_loop()


async def background():
    try:
        for n in range(10):
            print("background", n)
            await asyncio.sleep(0)
    finally:
        print("background finally")


async def starts_background():
    asyncio.create_task(background())


with asyncio.Runner() as runner:
    first = runner.run(work("first"))
    runner.run(starts_background())
    print("between runs")
    second = runner.run(work("second"))
    print("same loop:", first is second, first is runner.get_loop())
    print("closing")
print("closed:", first.is_closed())
