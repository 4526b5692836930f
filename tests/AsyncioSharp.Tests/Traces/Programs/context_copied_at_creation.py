import asyncio
from contextvars import ContextVar

variable = ContextVar("variable", default="default")


async def child(name):
    print(name, "sees", variable.get())
    variable.set(name)
    await asyncio.sleep(0)
    print(name, "still sees", variable.get())


async def main():
    before = asyncio.create_task(child("before"))
    variable.set("main")
    after = asyncio.create_task(child("after"))
    variable.set("main, later")
    await before
    await after
    print("main sees", variable.get())


asyncio.run(main())
print("outside", variable.get())
