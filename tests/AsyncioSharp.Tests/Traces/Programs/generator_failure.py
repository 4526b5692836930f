import asyncio


async def numbers():
    try:
        yield 1
        await asyncio.sleep(0)
        raise ValueError("boom")
    finally:
        print("generator finally")


async def doubled(items):
    async for n in items:
        yield 2 * n


async def main():
    try:
        async for n in doubled(numbers()):
            print("got", n)
    except ValueError as error:
        print("value error:", error)
    await asyncio.sleep(0)
    print("main goes on")


asyncio.run(main())
