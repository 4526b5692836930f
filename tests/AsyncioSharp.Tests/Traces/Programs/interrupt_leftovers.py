import asyncio
import os
import signal


async def leftover():
    try:
        await asyncio.Event().wait()
    finally:
        print("leftover cancelled")
        await asyncio.sleep(0)
        print("leftover cleaned up")


async def main():
    task = asyncio.create_task(leftover())
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGINT)
    try:
        await asyncio.shield(task)
    finally:
        print("main ends, leftover done:", task.done())


try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
