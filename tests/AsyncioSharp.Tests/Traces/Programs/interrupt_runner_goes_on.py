import asyncio
import os
import signal


async def interrupted():
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.Event().wait()


async def work(name):
    await asyncio.sleep(0)
    return name


with asyncio.Runner() as runner:
    print(runner.run(work("first")))
    for _ in range(2):
        try:
            runner.run(interrupted())
        except KeyboardInterrupt:
            print("interrupted")
    print(runner.run(work("second")))
print("closed")
