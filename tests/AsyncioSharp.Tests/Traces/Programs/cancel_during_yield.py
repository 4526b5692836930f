import asyncio


async def work(name):
    try:
        for n in range(3):
            print(name, n)
            await asyncio.sleep(0)
    finally:
        print(name, "finally")


async def main():
    a = asyncio.create_task(work("a"))
    b = asyncio.create_task(work("b"))
    await asyncio.sleep(0)
    print("cancel a")
    a.cancel()
    await asyncio.sleep(0)
    print("a done:", a.done())
    await b
    print("a cancelled:", a.cancelled(), "b cancelled:", b.cancelled())


asyncio.run(main())
