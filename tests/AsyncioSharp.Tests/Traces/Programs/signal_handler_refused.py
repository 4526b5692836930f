import asyncio
import signal


async def main():
    loop = asyncio.get_running_loop()
    for number in [0, -1, 1000, signal.SIGKILL, signal.SIGSTOP]:
        try:
            loop.add_signal_handler(number, print)
            print(int(number), "added")
        except (ValueError, RuntimeError):
            print(int(number), "refused")
    print("removed:", loop.remove_signal_handler(signal.SIGUSR2))


asyncio.run(main())
