import asyncio
import os
import signal


async def main():
    os.kill(os.getpid(), signal.SIGINT)
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise ValueError("instead") from None


try:
    asyncio.run(main())
except ValueError as error:
    print("value error:", error)
