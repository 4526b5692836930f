import asyncio


async def work():
    try:
        print("never")
        await asyncio.sleep(0)
    finally:
        print("never either")


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work())
    task.add_done_callback(lambda t: print("callback, cancelled:", t.cancelled()))
    print("cancel:", task.cancel())
    print("done:", task.done(), "requests:", task.cancelling())
    loop.call_soon(print, "soon")
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")
    print("cancel again:", task.cancel(), "requests:", task.cancelling())


asyncio.run(main())
