import asyncio
from asyncio.subprocess import PIPE


async def main():
    process = await asyncio.create_subprocess_exec("sleep", "1000", stdin=PIPE, stdout=PIPE)
    try:
        await asyncio.wait_for(process.communicate(), 0.02)
    except TimeoutError:
        print("timed out, running:", process.returncode is None)
    try:
        async with asyncio.timeout(0.02):
            await process.wait()
    except TimeoutError:
        print("timed out, running:", process.returncode is None)
    process.kill()
    print("exit code:", await process.wait())
    output, _ = await process.communicate()
    print("output:", len(output))


asyncio.run(main())
