import asyncio


async def leftover():
    try:
        await asyncio.sleep(1)
    finally:
        print("leftover finally")
        await asyncio.sleep(0.005)
        print("leftover cleanup ends")


async def main(fails):
    asyncio.create_task(leftover())
    await asyncio.sleep(0)
    print("main ends")
    if fails:
        raise ValueError("boom")


for fails in (False, True):
    try:
        asyncio.run(main(fails))
        print("run returns")
    except ValueError as error:
        print("value error:", error)
