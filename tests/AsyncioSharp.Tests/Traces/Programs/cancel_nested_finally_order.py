import asyncio


class Resource:
    def __init__(self, name):
        self.name = name

    async def __aenter__(self):
        print("open", self.name)
        return self

    async def __aexit__(self, *_):
        print("closing", self.name)
        await asyncio.sleep(0)
        print("closed", self.name)


async def work():
    try:
        async with Resource("outer"):
            try:
                async with Resource("inner"):
                    await asyncio.sleep(1)
            finally:
                print("between")
    except asyncio.CancelledError:
        print("cancelled")
        raise


async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    print("cancelled:", task.cancelled())


asyncio.run(main())
