import asyncio


async def other():
    print("never")


def attempt(name, function):
    try:
        function()
        print(name, "works")
    except RuntimeError:
        print(name, "runtime error")


async def main():
    loop = asyncio.get_running_loop()
    coroutine = other()
    attempt("run", lambda: asyncio.run(coroutine))
    coroutine.close()
    attempt("run_until_complete", lambda: loop.run_until_complete(loop.create_future()))
    attempt("close", loop.close)
    second = asyncio.new_event_loop()
    attempt("run_until_complete of another loop", lambda: second.run_until_complete(second.create_future()))
    attempt("close of another loop", second.close)
    await asyncio.sleep(0)
    print("main goes on")


asyncio.run(main())
