import asyncio
from contextvars import ContextVar

variable = ContextVar("variable", default="default")


def show(place):
    print(place, "sees", variable.get())
    variable.set(place)


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    variable.set("one")
    loop.call_soon(show, "soon")
    loop.call_later(0.005, show, "timer")
    future.add_done_callback(lambda _: show("done callback"))
    variable.set("two")
    loop.call_soon(show, "second soon")
    future.set_result(None)
    variable.set("three")
    await asyncio.sleep(0.010)
    print("main sees", variable.get())


asyncio.run(main())
