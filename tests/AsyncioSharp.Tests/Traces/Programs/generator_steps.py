import asyncio


async def numbers(count):
    print("generator starts")
    for n in range(count):
        await asyncio.sleep(0)
        print("yields", n)
        yield n
    print("generator ends")


async def main():
    items = numbers(3)
    print("made, nothing ran")
    async for n in items:
        print("got", n)
    print("sum", sum([n async for n in numbers(3)]))


asyncio.run(main())
