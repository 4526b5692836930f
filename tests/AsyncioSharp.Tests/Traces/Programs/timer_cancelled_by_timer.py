import asyncio


async def main():
    loop = asyncio.get_running_loop()
    finished = loop.create_future()
    timers = []

    def first():
        print("first")
        timers[1].cancel()
        timers.append(loop.call_later(0.005, second))

    def second():
        print("second")
        timers.append(loop.call_later(0.005, finished.set_result, "third"))

    timers.append(loop.call_later(0.005, first))
    timers.append(loop.call_later(0.010, print, "never"))
    print(await finished)
    print("cancelled:", *[timer.cancelled() for timer in timers])


asyncio.run(main())
