import asyncio
from contextlib import aclosing
from contextvars import ContextVar

variable = ContextVar("variable", default="default")


async def numbers():
    for n in range(2):
        print("generator sees", variable.get())
        await asyncio.sleep(0)
        yield n


async def main():
    variable.set("main")
    async with aclosing(numbers()) as items:
        async for n in items:
            print("got", n, "sees", variable.get())
            variable.set(f"main after {n}")
    print("main sees", variable.get())


asyncio.run(main())
