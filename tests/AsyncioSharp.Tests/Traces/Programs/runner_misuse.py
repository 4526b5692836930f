import asyncio


async def work():
    return "result"


def attempt(name, function):
    coroutine = work()
    try:
        print(name, function(coroutine))
    except RuntimeError:
        print(name, "runtime error")
    coroutine.close()


async def main(runner):
    attempt("nested", runner.run)
    other = asyncio.Runner()
    attempt("nested in another", other.run)
    other.close()


async def fails():
    raise ValueError("boom")


runner = asyncio.Runner()
runner.run(main(runner))
try:
    runner.run(fails())
except ValueError as error:
    print("value error:", error)
attempt("usable after a failure", runner.run)
runner.close()
runner.close()
attempt("closed", runner.run)
