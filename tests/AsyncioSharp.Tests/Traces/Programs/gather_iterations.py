import asyncio


async def work(name):
    print(name, "runs")
    return name


async def main():
    loop = asyncio.get_running_loop()

    def tick(n):
        print("tick", n)
        if n < 5:
            loop.call_soon(tick, n + 1)

    loop.call_soon(tick, 1)
    print(*await asyncio.gather(work("a"), work("b")))
    finished = asyncio.gather(asyncio.sleep(0, "c"), asyncio.sleep(0, "d"))
    finished.add_done_callback(lambda _: print("callback"))
    print(*await finished)


asyncio.run(main())
