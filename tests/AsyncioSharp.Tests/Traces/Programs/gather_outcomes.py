import asyncio


async def work(kind):
    await asyncio.sleep(0)
    if kind == "fails":
        raise ValueError("boom")
    if kind == "cancels":
        raise asyncio.CancelledError
    return kind


def word(outcome):
    if isinstance(outcome, asyncio.CancelledError):
        return "cancelled"
    return f"value error: {outcome}" if isinstance(outcome, ValueError) else outcome


async def main():
    kinds = ("returns", "fails", "cancels", "ends")
    for outcome in await asyncio.gather(*map(work, kinds), return_exceptions=True):
        print(word(outcome))
    print("requests:", asyncio.current_task().cancelling())


asyncio.run(main())
