import asyncio


async def work():
    print("work runs")
    return "result"


async def main():
    loop = asyncio.get_running_loop()

    def tick(n):
        print("tick", n)
        if n < 4:
            loop.call_soon(tick, n + 1)

    loop.call_soon(tick, 1)
    shielded = asyncio.shield(work())
    shielded.add_done_callback(lambda _: print("callback"))
    print(await shielded)
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
