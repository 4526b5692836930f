import asyncio
from asyncio.subprocess import PIPE


async def main():
    process = await asyncio.create_subprocess_shell("pwd; echo $WORD; echo ${HOME-none}", stdout=PIPE, cwd="/usr", env={"WORD": "a b", "PATH": "/usr/bin:/bin"})
    output, _ = await process.communicate()
    print(output.decode().strip().replace("\n", ","))
    process = await asyncio.create_subprocess_exec("printf", "%s|", "a b", "$HOME", "*", "", "\\", stdout=PIPE)
    output, _ = await process.communicate()
    print(output.decode())


asyncio.run(main())
