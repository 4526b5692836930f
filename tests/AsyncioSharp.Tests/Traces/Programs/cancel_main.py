import asyncio


async def child():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("child cancelled by the end of the run")
        raise


async def main():
    asyncio.create_task(child())
    await asyncio.sleep(0)
    task = asyncio.current_task()
    asyncio.get_running_loop().call_soon(task.cancel, "from a callback")
    try:
        await asyncio.sleep(1)
    finally:
        print("main finally")


try:
    asyncio.run(main())
except asyncio.CancelledError:
    print("run: cancelled")
