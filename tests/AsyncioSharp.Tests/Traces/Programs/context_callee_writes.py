import asyncio
from contextvars import ContextVar

variable = ContextVar("variable", default="default")


async def sets_at_once():
    variable.set("set at once")


async def sets_later():
    print("callee sees", variable.get())
    await asyncio.sleep(0)
    variable.set("set later")
    await asyncio.sleep(0)


async def nested():
    await sets_later()
    print("nested sees", variable.get())


async def main():
    await sets_at_once()
    print("main sees", variable.get())
    await nested()
    print("main sees", variable.get())
    await asyncio.create_task(sets_at_once())
    print("main still sees", variable.get())


asyncio.run(main())
