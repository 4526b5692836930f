import asyncio
from contextvars import ContextVar

request = ContextVar("request", default="none")


async def log(text):
    await asyncio.sleep(0)
    print(request.get(), text)


async def handle(name):
    request.set(name)
    await log("starts")
    async with asyncio.TaskGroup() as group:
        group.create_task(log("from a child"))
        await log("from the body")
    await asyncio.gather(log("gathered 1"), log("gathered 2"))
    await asyncio.wait_for(log("waited for"), 1)


async def main():
    await asyncio.gather(handle("a"), handle("b"))
    await log("ends")


asyncio.run(main())
