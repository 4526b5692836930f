import asyncio
import os
import signal


async def main():
    loop = asyncio.get_running_loop()
    for number in range(3):
        seen = loop.create_future()
        loop.add_signal_handler(signal.SIGUSR1, lambda: (print("handled on the loop:", asyncio.get_running_loop() is loop), seen.set_result(number)))
        os.kill(os.getpid(), signal.SIGUSR1)
        print("raised")
        print("seen", await seen)
    print("removed:", loop.remove_signal_handler(signal.SIGUSR1))
    print("removed:", loop.remove_signal_handler(signal.SIGUSR1))


asyncio.run(main())
