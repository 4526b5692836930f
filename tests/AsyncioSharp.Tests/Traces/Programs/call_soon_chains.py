import asyncio


async def main():
    loop = asyncio.get_running_loop()
    finished = loop.create_future()

    def step(name, n):
        print(name, n)
        if n < 3:
            loop.call_soon(step, name, n + 1)
        elif name == "c":
            finished.set_result(None)
            print("finished is set")

    for name in "abc":
        loop.call_soon(step, name, 1)
    await finished
    print("main goes on")


asyncio.run(main())
