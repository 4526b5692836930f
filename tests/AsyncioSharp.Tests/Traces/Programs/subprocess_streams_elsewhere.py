import asyncio
from asyncio.subprocess import DEVNULL, PIPE, STDOUT


async def show(name, **streams):
    process = await asyncio.create_subprocess_shell("cat; echo out; echo err >&2", **streams)
    print(name, process.stdin is not None, process.stdout is not None, process.stderr is not None)
    output, error = await process.communicate()
    for data in [output, error]:
        print(" ", None if data is None else data.decode().strip().replace("\n", ","))


async def main():
    await show("all", stdin=PIPE, stdout=PIPE, stderr=PIPE)
    await show("null", stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)
    await show("together", stdin=DEVNULL, stdout=PIPE, stderr=STDOUT)
    await show("none", stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)


asyncio.run(main())
