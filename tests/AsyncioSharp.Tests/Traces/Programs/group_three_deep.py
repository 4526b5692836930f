import asyncio


def words(error):
    if isinstance(error, ExceptionGroup):
        return "[" + ", ".join(words(inner) for inner in error.exceptions) + "]"
    return str(error)


async def sleeper(name):
    try:
        await asyncio.sleep(1)
    finally:
        print(name, "finally")


async def fails():
    await asyncio.sleep(0.01)
    print("fails")
    raise ValueError("boom")


async def level(depth):
    task = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(sleeper(f"sleeper {depth}"))
            if depth < 3:
                await level(depth + 1)
            else:
                tg.create_task(fails())
                await asyncio.sleep(1)
    finally:
        print("level", depth, "left, requests:", task.cancelling())


async def main():
    try:
        await level(1)
    except ExceptionGroup as errors:
        print(words(errors))


asyncio.run(main())
