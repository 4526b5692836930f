import asyncio
from asyncio.subprocess import PIPE


async def wait(name, process):
    print(name, "waits")
    try:
        print(name, "got", await process.wait())
    except asyncio.CancelledError:
        print(name, "cancelled")


async def main():
    process = await asyncio.create_subprocess_exec("cat", stdin=PIPE)
    tasks = [asyncio.create_task(wait(name, process)) for name in ["first", "second", "third", "fourth"]]
    await asyncio.sleep(0)
    tasks[1].cancel()
    process.stdin.close()
    await asyncio.gather(*tasks)
    print("again:", await process.wait(), process.returncode)


asyncio.run(main())
