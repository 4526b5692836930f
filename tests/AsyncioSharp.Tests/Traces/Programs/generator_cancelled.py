import asyncio


async def slow():
    try:
        await asyncio.sleep(1)
        print("never")
    except asyncio.CancelledError:
        print("generator cancelled")
        raise


async def numbers():
    try:
        yield 1
        await slow()
    finally:
        print("generator finally")


async def consumer():
    try:
        async for n in numbers():
            print("got", n)
    except asyncio.CancelledError:
        print("consumer cancelled")
        raise


async def main():
    task = asyncio.create_task(consumer())
    await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.wait([task])
    print("cancelled:", task.cancelled())


asyncio.run(main())
