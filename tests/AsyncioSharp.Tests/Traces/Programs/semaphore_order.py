import asyncio


async def worker(name, semaphore):
    async with semaphore:
        print(name, "in")
        await asyncio.sleep(0)
        print(name, "out")


async def main():
    semaphore = asyncio.Semaphore(2)
    async with asyncio.TaskGroup() as group:
        for name in "abcde":
            group.create_task(worker(name, semaphore))
    print("locked:", semaphore.locked())


asyncio.run(main())
