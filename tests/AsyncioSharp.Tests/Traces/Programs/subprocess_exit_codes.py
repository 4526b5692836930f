import asyncio


async def main():
    for command in ["true", "false", "exit 7", "exit 255", "exit 256", "kill -9 $$", "kill -TERM $$", "kill -HUP $$"]:
        process = await asyncio.create_subprocess_shell(command)
        print(command, "gives", await process.wait())


asyncio.run(main())
