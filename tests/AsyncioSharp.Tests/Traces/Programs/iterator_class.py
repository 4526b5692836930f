import asyncio


class Countdown:
    def __init__(self, start):
        self.left = start

    def __aiter__(self):
        return self

    async def __anext__(self):
        await asyncio.sleep(0)
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        return self.left


async def main():
    async for n in Countdown(3):
        print("got", n)
    items = Countdown(4)
    async for n in items:
        if n == 2:
            break
    print("left:", items.left)
    async for n in items:
        print("the rest", n)


asyncio.run(main())
