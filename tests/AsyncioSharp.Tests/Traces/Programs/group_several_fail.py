import asyncio


async def fails(text, delay):
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError:
        print(text, "is cancelled and fails")
    raise ValueError(text)


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            for text, delay in (("slow", 1), ("first", 0), ("second", 0)):
                group.create_task(fails(text, delay))
    except ExceptionGroup as errors:
        print("errors:", *errors.exceptions)


asyncio.run(main())
