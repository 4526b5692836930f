import asyncio
import os
import signal


async def main():
    asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGINT)
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        print("main cancelled")
        raise
    finally:
        await asyncio.sleep(0)
        print("main cleaned up")


try:
    asyncio.run(main())
    print("returned")
except KeyboardInterrupt:
    print("interrupted")
