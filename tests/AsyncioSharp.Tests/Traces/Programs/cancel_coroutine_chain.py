import asyncio


async def chain(depth):
    try:
        if depth < 4:
            await chain(depth + 1)
        else:
            await asyncio.sleep(1)
    finally:
        if depth % 2:
            print("finally", depth)
            await asyncio.sleep(0)
            print("still in finally", depth)


async def plain():
    await asyncio.sleep(1)
    print("never")


async def nested_plain():
    await plain()
    print("never")


async def main():
    for coroutine in (chain(0), nested_plain()):
        task = asyncio.create_task(coroutine)
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            print("cancelled:", task.cancelled())


asyncio.run(main())
