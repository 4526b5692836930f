import asyncio
import os
import signal


async def main():
    os.kill(os.getpid(), signal.SIGINT)
    try:
        await asyncio.Event().wait()
    finally:
        asyncio.current_task().cancel()
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            print("cancelling:", asyncio.current_task().cancelling())


try:
    asyncio.run(main())
except asyncio.CancelledError:
    print("cancelled")
except KeyboardInterrupt:
    print("interrupted")
