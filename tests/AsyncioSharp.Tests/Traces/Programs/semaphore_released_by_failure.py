import asyncio


async def worker(name, semaphore, delay):
    async with semaphore:
        print(name, "in")
        async with asyncio.timeout(0.005):
            await asyncio.sleep(delay)
        if name == "b":
            raise ValueError(name)
    print(name, "out")


async def main():
    semaphore = asyncio.Semaphore(1)
    tasks = [
        asyncio.create_task(worker("a", semaphore, 1)),
        asyncio.create_task(worker("b", semaphore, 0)),
        asyncio.create_task(worker("c", semaphore, 0)),
    ]
    await asyncio.wait(tasks)
    print("timeout:", isinstance(tasks[0].exception(), TimeoutError))
    print("failure:", tasks[1].exception())
    print("locked:", semaphore.locked())


asyncio.run(main())
