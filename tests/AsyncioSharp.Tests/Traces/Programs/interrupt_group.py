import asyncio
import os
import signal


async def child():
    print("child begins")
    try:
        await asyncio.Event().wait()
    finally:
        print("child cancelled")
        await asyncio.sleep(0)
        print("child cleaned up")


async def main():
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(child())
        await asyncio.sleep(0)
        os.kill(os.getpid(), signal.SIGINT)
        print("body ends")


try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
