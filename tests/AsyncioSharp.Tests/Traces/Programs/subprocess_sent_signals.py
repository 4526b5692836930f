import asyncio
import signal
from asyncio.subprocess import PIPE


async def main():
    command = "trap 'echo hangup' HUP; trap 'echo terminated; exit 5' TERM; echo ready; while true; do sleep 0.01; done"
    process = await asyncio.create_subprocess_shell(command, stdout=PIPE)
    print((await process.stdout.readline()).decode().strip())
    process.send_signal(signal.SIGHUP)
    print((await process.stdout.readline()).decode().strip())
    process.terminate()
    print((await process.stdout.readline()).decode().strip())
    print("exit code:", await process.wait())


asyncio.run(main())
