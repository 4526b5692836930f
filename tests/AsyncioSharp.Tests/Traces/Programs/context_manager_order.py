import asyncio


class Resource:
    def __init__(self, name, failure=None):
        self.name = name
        self.failure = failure

    async def __aenter__(self):
        print("open", self.name)
        return self

    async def __aexit__(self, *_):
        print("closing", self.name)
        await asyncio.sleep(0)
        print("closed", self.name)
        if self.failure:
            raise ValueError(self.failure)


async def main():
    async with Resource("a"), Resource("b"):
        print("body")
    try:
        async with Resource("c"):
            async with Resource("d", "while closing"):
                print("body")
    except ValueError as error:
        print("value error:", error)
    try:
        async with Resource("e"):
            raise LookupError("in the body")
    except LookupError as error:
        print("lookup error:", *error.args)


asyncio.run(main())
