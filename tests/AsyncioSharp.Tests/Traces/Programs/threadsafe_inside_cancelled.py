import asyncio
import concurrent.futures


async def work(started):
    started.set_result(asyncio.current_task())
    try:
        await asyncio.get_running_loop().create_future()
    except asyncio.CancelledError:
        print("work cancelled")
        raise


def thread(loop, started):
    future = asyncio.run_coroutine_threadsafe(work(started), loop)
    try:
        future.result()
    except concurrent.futures.CancelledError:
        return "the thread sees: cancelled"


async def main():
    loop = asyncio.get_running_loop()
    started = loop.create_future()
    waiting = asyncio.create_task(asyncio.to_thread(thread, loop, started))
    task = await started
    task.cancel()
    print(await waiting)


asyncio.run(main())
