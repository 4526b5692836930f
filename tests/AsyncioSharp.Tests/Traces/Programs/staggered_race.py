import asyncio
from asyncio.staggered import staggered_race


def attempt(name, delay, fails=False):
    async def run():
        print(name, "starts")
        try:
            await asyncio.sleep(delay)
        except asyncio.CancelledError:
            print(name, "cancelled")
            raise
        if fails:
            print(name, "fails")
            raise ValueError(name)
        print(name, "succeeds")
        return name

    return run


def tick(name, count):
    async def run():
        for i in range(count):
            print(name, i)
            await asyncio.sleep(0)

    return asyncio.create_task(run())


async def show(delay, *attempts):
    ticks = tick("tick", 8)
    winner, index, errors = await staggered_race(attempts, delay)
    print("winner:", winner, index)
    for error in errors:
        if error is None:
            print("-")
        elif isinstance(error, asyncio.CancelledError):
            print("too slow")
        else:
            print("failed:", error)
    await ticks


async def main():
    await show(0.1, attempt("a", 1), attempt("b", 0.25), attempt("c", 0.5), attempt("d", 0))
    await show(1, attempt("a", 0.1, True), attempt("b", 0.1, True))
    await show(None, attempt("a", 0, True), attempt("b", 0), attempt("c", 0))
    await show(0, attempt("a", 0.3), attempt("b", 0.2), attempt("c", 0.1, True))
    task = asyncio.create_task(show(0.1, attempt("a", 1), attempt("b", 1)))
    await asyncio.sleep(0.15)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("race cancelled")


asyncio.run(main())
