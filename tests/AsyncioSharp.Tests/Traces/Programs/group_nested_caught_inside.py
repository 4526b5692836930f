import asyncio


async def fails(text):
    raise ValueError(text)


async def steady():
    await asyncio.sleep(0.005)
    print("steady ends")
    return "steady result"


async def main():
    async with asyncio.TaskGroup() as outer:
        task = outer.create_task(steady())
        for text in ("one", "two"):
            try:
                async with asyncio.TaskGroup() as inner:
                    inner.create_task(fails(text))
                    await asyncio.sleep(1)
            except ExceptionGroup as errors:
                print("inner errors:", *errors.exceptions)
        await asyncio.sleep(0)
        print("outer body ends")
    print(task.result())


asyncio.run(main())
