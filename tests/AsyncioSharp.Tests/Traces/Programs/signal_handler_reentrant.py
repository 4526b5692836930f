import asyncio
import os
import signal


async def main():
    loop = asyncio.get_running_loop()
    over = loop.create_future()

    def first():
        print("first")
        print("removes itself:", loop.remove_signal_handler(signal.SIGUSR1))
        loop.add_signal_handler(signal.SIGUSR1, second)
        os.kill(os.getpid(), signal.SIGUSR1)
        print("first ends")

    def second():
        print("second")
        loop.add_signal_handler(signal.SIGUSR1, third)
        loop.call_soon(os.kill, os.getpid(), signal.SIGUSR1)

    def third():
        print("third")
        over.set_result(None)

    loop.add_signal_handler(signal.SIGUSR1, first)
    os.kill(os.getpid(), signal.SIGUSR1)
    await over
    print("removed:", loop.remove_signal_handler(signal.SIGUSR1))


asyncio.run(main())
