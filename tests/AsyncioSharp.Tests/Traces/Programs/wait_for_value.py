import asyncio


async def work(task):
    print("same task:", asyncio.current_task() is task)
    await asyncio.sleep(0.005)
    return "result"


async def fails():
    raise ValueError("boom")


async def main():
    task = asyncio.current_task()
    print(await asyncio.wait_for(work(task), 1))
    print(await asyncio.wait_for(work(task), None))
    print(await asyncio.wait_for(asyncio.create_task(work(task)), 1))
    try:
        await asyncio.wait_for(fails(), 1)
    except ValueError as error:
        print("value error:", error)


asyncio.run(main())
