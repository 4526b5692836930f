import asyncio


async def work(name):
    try:
        await asyncio.sleep(0.005)
        print(name, "ends")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    a = asyncio.create_task(work("a"))
    b = asyncio.create_task(work("b"))
    gathering = asyncio.gather(a, b)
    await asyncio.sleep(0)
    a.cancel()
    try:
        await gathering
    except asyncio.CancelledError:
        print("gathering raised, requests:", asyncio.current_task().cancelling())
    print("gathering done:", gathering.done(), "cancelled:", gathering.cancelled())
    print("b done:", b.done())
    await b
    print("main goes on")


asyncio.run(main())
