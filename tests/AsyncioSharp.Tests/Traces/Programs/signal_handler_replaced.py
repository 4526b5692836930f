import asyncio
import os
import signal


async def main():
    loop = asyncio.get_running_loop()
    seen = asyncio.Event()

    def handler(name):
        print(name, "called")
        seen.set()

    loop.add_signal_handler(signal.SIGUSR1, handler, "first")
    loop.add_signal_handler(signal.SIGUSR1, handler, "second")
    loop.add_signal_handler(signal.SIGUSR2, handler, "other")
    for number in [signal.SIGUSR1, signal.SIGUSR2]:
        seen.clear()
        os.kill(os.getpid(), number)
        await seen.wait()
    print("removed:", loop.remove_signal_handler(signal.SIGUSR1), loop.remove_signal_handler(signal.SIGUSR2))


asyncio.run(main())
