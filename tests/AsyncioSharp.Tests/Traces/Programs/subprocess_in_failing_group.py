import asyncio


async def wait(name):
    process = await asyncio.create_subprocess_exec("sleep", "1000")
    started.append(name)
    try:
        await process.wait()
    except asyncio.CancelledError:
        print(name, "cancelled, running:", process.returncode is None)
        process.kill()
        print(name, "gives", await process.wait())
        raise


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(wait("process"))
            while not started:
                await asyncio.sleep(0)
            raise ValueError("boom")
    except* ValueError as errors:
        print(*errors.exceptions)


started = []
asyncio.run(main())
