import asyncio
from contextvars import ContextVar

variable = ContextVar("variable", default="default")


async def exchange(value):
    print("run sees", variable.get())
    variable.set(value)
    await asyncio.sleep(0)


async def child():
    variable.set("child")


async def with_child():
    await asyncio.create_task(child())
    print("after child", variable.get())


variable.set("outside")
with asyncio.Runner() as runner:
    runner.run(exchange("one"))
    runner.run(exchange("two"))
    print("outside still sees", variable.get())
    runner.run(with_child())
with asyncio.Runner() as runner:
    runner.run(exchange("three"))
