import asyncio


async def fails(text):
    await asyncio.sleep(0)
    raise ValueError(text)


async def middle():
    try:
        await fails("inside a coroutine")
    finally:
        print("middle finally")


async def main():
    try:
        await middle()
    except ValueError as error:
        print("value error:", error)
    task = asyncio.create_task(fails("inside a task"))
    for _ in range(2):
        try:
            await task
        except ValueError as error:
            print("value error:", error)
    print("exception:", task.exception(), "cancelled:", task.cancelled())
    handled = asyncio.create_task(middle())
    await asyncio.wait([handled])
    print("done:", handled.done(), "exception:", handled.exception())


asyncio.run(main())
