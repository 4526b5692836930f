import asyncio


async def work():
    try:
        await asyncio.sleep(0.010)
        print("work ends")
        return "result"
    finally:
        print("work finally")


async def main():
    task = asyncio.create_task(work())
    try:
        await asyncio.wait_for(asyncio.shield(task), 0.005)
    except TimeoutError:
        print("timeout, task done:", task.done())
    print(await task)


asyncio.run(main())
