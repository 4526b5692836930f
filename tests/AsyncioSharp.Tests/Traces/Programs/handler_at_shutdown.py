import asyncio


def handler(loop, context):
    print("handler:", context["exception"])


async def leftover():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("leftover cancelled")
        await asyncio.sleep(0)
        raise ValueError("from the cleanup") from None


async def main():
    asyncio.get_running_loop().set_exception_handler(handler)
    task = asyncio.create_task(leftover())
    await asyncio.sleep(0)
    print("main ends, leftover done:", task.done())
    return "result"


print("run:", asyncio.run(main()))
