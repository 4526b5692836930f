import asyncio
from contextvars import ContextVar, copy_context

variable = ContextVar("variable", default="default")


def show(place):
    print(place, "sees", variable.get())


async def child():
    show("child")
    await asyncio.sleep(0)
    show("child later")


async def main():
    loop = asyncio.get_running_loop()
    variable.set("captured")
    context = copy_context()
    variable.set("current")
    task = asyncio.create_task(child(), context=context)
    loop.call_soon(show, "soon", context=context)
    loop.call_later(0.005, show, "timer", context=context)
    task.add_done_callback(lambda _: show("done callback"), context=context)
    task.add_done_callback(lambda _: show("own done callback"))
    await task
    await asyncio.sleep(0.010)
    show("main")


asyncio.run(main())
