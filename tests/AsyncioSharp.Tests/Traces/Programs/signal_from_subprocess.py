import asyncio
import signal


async def main():
    loop = asyncio.get_running_loop()
    seen = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR2, seen.set)
    process = await asyncio.create_subprocess_shell("kill -USR2 $PPID; exit 3")
    code = await process.wait()
    await seen.wait()
    print("exit code", code, "and the signal")
    print("removed:", loop.remove_signal_handler(signal.SIGUSR2))


asyncio.run(main())
