import asyncio


async def work():
    print("work")
    await asyncio.sleep(0)
    return "result"


async def main():
    coroutine = work()
    print(await coroutine)
    try:
        await coroutine
    except RuntimeError:
        print("runtime error")
    task = asyncio.create_task(work())
    print(await task)
    print("a task again:", await task)


asyncio.run(main())
