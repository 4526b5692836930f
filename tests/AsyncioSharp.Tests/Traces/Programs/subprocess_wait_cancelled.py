import asyncio
from asyncio.subprocess import PIPE


async def main():
    process = await asyncio.create_subprocess_exec("cat", stdin=PIPE, stdout=PIPE)
    waiter = asyncio.create_task(process.wait())
    await asyncio.sleep(0)
    waiter.cancel("enough")
    try:
        await waiter
    except asyncio.CancelledError as error:
        print("cancelled:", error)
    print("running:", process.returncode is None)
    output, _ = await process.communicate(b"still there")
    print("output:", output.decode(), "exit code:", process.returncode)


asyncio.run(main())
