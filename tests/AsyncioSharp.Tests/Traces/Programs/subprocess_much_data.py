import asyncio
from asyncio.subprocess import PIPE


async def main():
    data = bytes(number * 7 % 251 for number in range(300_000))
    process = await asyncio.create_subprocess_shell("tee /dev/stderr", stdin=PIPE, stdout=PIPE, stderr=PIPE)
    output, error = await process.communicate(data)
    print(len(output), output == data, len(error), error == data, process.returncode)
    process = await asyncio.create_subprocess_exec("head", "-c", "5", stdin=PIPE, stdout=PIPE)
    output, _ = await process.communicate(bytes(1_000_000))
    print("of what nobody reads:", len(output), process.returncode)


asyncio.run(main())
