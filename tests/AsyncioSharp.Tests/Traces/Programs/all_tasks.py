import asyncio


async def sleeper():
    await asyncio.sleep(1)


async def short():
    pass


def show(text):
    names = sorted(task.get_name() for task in asyncio.all_tasks())
    print(text, *names)


async def main():
    asyncio.current_task().set_name("main")
    show("at start:")
    a = asyncio.create_task(sleeper(), name="sleeper")
    b = asyncio.create_task(short(), name="short")
    show("two made:")
    await b
    show("one ended:")
    a.cancel()
    show("one being cancelled:")
    await asyncio.sleep(0)
    show("it is cancelled:")


asyncio.run(main())
