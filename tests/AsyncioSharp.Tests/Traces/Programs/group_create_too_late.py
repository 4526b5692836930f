import asyncio


async def work():
    print("never")


def create(name, group):
    coroutine = work()
    try:
        group.create_task(coroutine)
        print(name, "works")
    except RuntimeError:
        print(name, "runtime error")
    coroutine.close()


async def fails():
    raise ValueError("boom")


async def main():
    async with asyncio.TaskGroup() as group:
        print("body")
    create("finished", group)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            try:
                await asyncio.sleep(1)
            finally:
                create("shutting down", group)
    except ExceptionGroup as errors:
        print("errors:", *errors.exceptions)
    create("failed", group)


asyncio.run(main())
