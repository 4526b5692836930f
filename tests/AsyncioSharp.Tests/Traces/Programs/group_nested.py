import asyncio


async def child(name, text):
    try:
        await asyncio.sleep(0 if text else 1)
        raise ValueError(text)
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


def words(error):
    if isinstance(error, ExceptionGroup):
        return "[" + ", ".join(map(words, error.exceptions)) + "]"
    return str(error)


async def main():
    task = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as outer:
            outer.create_task(child("outer child", None))
            try:
                async with asyncio.TaskGroup() as inner:
                    inner.create_task(child("inner child", "boom"))
                    await asyncio.sleep(1)
            except ExceptionGroup as errors:
                print("inner:", words(errors), "requests:", task.cancelling())
                raise
    except ExceptionGroup as errors:
        print("outer:", words(errors), "requests:", task.cancelling())


asyncio.run(main())
