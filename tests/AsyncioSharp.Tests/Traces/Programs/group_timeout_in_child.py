import asyncio


async def slow():
    async with asyncio.timeout(0.005):
        await asyncio.sleep(1)


async def sibling():
    try:
        await asyncio.sleep(1)
    finally:
        print("sibling finally")


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(slow())
            group.create_task(sibling())
    except* TimeoutError as errors:
        print("timeouts:", len(errors.exceptions))
    print("requests:", asyncio.current_task().cancelling())


asyncio.run(main())
