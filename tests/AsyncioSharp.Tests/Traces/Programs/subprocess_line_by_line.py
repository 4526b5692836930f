import asyncio
from asyncio.subprocess import PIPE


async def main():
    process = await asyncio.create_subprocess_shell("while read line; do echo got $line; done; echo end", stdin=PIPE, stdout=PIPE)
    for word in ["one", "two", "three"]:
        process.stdin.write(f"{word}\n".encode())
        await process.stdin.drain()
        print((await process.stdout.readline()).decode().strip())
    process.stdin.close()
    async for line in process.stdout:
        print("then", line.decode().strip())
    print("at the end:", len(await process.stdout.readline()), process.stdout.at_eof())
    print("exit code:", await process.wait())


asyncio.run(main())
