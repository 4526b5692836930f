import asyncio


async def sleeper(name, delay):
    result = await asyncio.sleep(delay, name + " result")
    print(name)
    return result


async def main():
    delays = {"a": 0.015, "b": 0.005, "c": 0.010, "d": 0, "e": -1}
    tasks = [asyncio.create_task(sleeper(name, delay)) for name, delay in delays.items()]
    print("created")
    await asyncio.sleep(0)
    print("all sleep")
    for task in tasks:
        print(await task)


asyncio.run(main())
