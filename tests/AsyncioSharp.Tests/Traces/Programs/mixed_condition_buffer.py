import asyncio


async def producer(condition, buffer):
    for n in range(6):
        async with condition:
            await condition.wait_for(lambda: len(buffer) < 2)
            buffer.append(n)
            print("put", n)
            condition.notify_all()
    print("producer ends")


async def consumer(name, condition, buffer):
    try:
        while True:
            async with condition:
                await condition.wait_for(lambda: buffer)
                print(name, "took", buffer.pop(0))
                condition.notify_all()
            await asyncio.sleep(0)
    finally:
        print(name, "ends, locked:", condition.locked())


async def main():
    condition = asyncio.Condition()
    buffer = []
    tasks = [asyncio.create_task(consumer(name, condition, buffer)) for name in ("x", "y")]
    making = asyncio.create_task(producer(condition, buffer))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks[0].cancel()
    await making
    await asyncio.sleep(0.01)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print("left:", len(buffer))


asyncio.run(main())
