import asyncio


async def main():
    for name in ["terminate", "kill"]:
        process = await asyncio.create_subprocess_exec("sleep", "1000")
        getattr(process, name)()
        print(name, "asked, seen:", process.returncode is not None)
        print(name, "gives", await process.wait())


asyncio.run(main())
