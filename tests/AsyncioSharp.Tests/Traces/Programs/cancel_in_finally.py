import asyncio


async def work():
    try:
        try:
            await asyncio.sleep(1)
        finally:
            print("cleanup starts")
            await asyncio.sleep(0.005)
            print("cleanup ends")
    except asyncio.CancelledError as error:
        print("cancelled:", *error.args)
        raise


async def main():
    for cancels in (1, 2):
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        for n in range(cancels):
            task.cancel(f"cancel {n + 1} of {cancels}")
            await asyncio.sleep(0)
        try:
            await task
        except asyncio.CancelledError:
            print("task cancelled, requests:", task.cancelling())


asyncio.run(main())
