import asyncio
from asyncio.subprocess import PIPE


async def main():
    process = await asyncio.create_subprocess_exec("cat", stdin=PIPE, stdout=PIPE)
    print("running:", process.returncode is None)
    output, error = await process.communicate(b"some data")
    print("output:", output.decode(), "error:", error)
    print("exit code:", process.returncode)
    process = await asyncio.create_subprocess_shell("cat; echo error >&2; exit 4", stdin=PIPE, stdout=PIPE, stderr=PIPE)
    output, error = await process.communicate(b"output")
    print("output:", output.decode(), "error:", error.decode().strip())
    print("exit code:", process.returncode)


asyncio.run(main())
