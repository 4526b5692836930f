import asyncio
import os
import signal


async def main():
    loop = asyncio.get_running_loop()
    reported = loop.create_future()

    def report(loop, context):
        print("reported:", context["exception"])
        if not reported.done():
            reported.set_result(None)

    def fail():
        raise ValueError("in a handler")

    loop.set_exception_handler(report)
    loop.add_signal_handler(signal.SIGUSR1, fail)
    os.kill(os.getpid(), signal.SIGUSR1)
    await reported
    print("goes on")
    loop.remove_signal_handler(signal.SIGUSR1)


asyncio.run(main())
