import asyncio


async def returns():
    await asyncio.sleep(0)
    return "result"


async def fails():
    await asyncio.sleep(0)
    raise ValueError("boom")


async def cancels():
    asyncio.current_task().cancel()
    await asyncio.sleep(0)


for main in (returns, fails, cancels):
    try:
        print(asyncio.run(main()))
    except ValueError as error:
        print("value error:", error)
    except asyncio.CancelledError:
        print("cancelled")
