import asyncio


async def main():
    loop = asyncio.get_running_loop()
    finished = loop.create_future()
    start = loop.time()
    later = loop.call_at(start + 0.010, finished.set_result, "later")
    sooner = loop.call_at(start + 0.005, print, "sooner")
    loop.call_at(start - 1, print, "past")
    print("when kept:", later.when() == start + 0.010)
    print("sooner before later:", sooner.when() < later.when())
    print(await finished)
    print("in time:", loop.time() >= start + 0.010)


asyncio.run(main())
