import asyncio
from contextlib import aclosing


async def numbers():
    try:
        for n in range(10):
            yield n
            await asyncio.sleep(0)
    finally:
        print("cleanup starts")
        await asyncio.sleep(0.005)
        print("cleanup ends")


async def main():
    async with aclosing(numbers()) as items:
        async for n in items:
            print("got", n)
            if n == 2:
                break
    print("left")
    try:
        async with aclosing(numbers()) as items:
            async for n in items:
                raise ValueError("boom")
    except ValueError as error:
        print("value error:", error)


asyncio.run(main())
