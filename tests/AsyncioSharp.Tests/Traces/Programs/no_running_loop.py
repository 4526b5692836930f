import asyncio


async def work():
    print("never")


async def main():
    print("inside:", asyncio.get_running_loop().is_running())


def attempt(name, function):
    try:
        function()
        print(name, "works")
    except RuntimeError:
        print(name, "runtime error")


coroutine = work()
attempt("get_running_loop", asyncio.get_running_loop)
attempt("create_task", lambda: asyncio.create_task(coroutine))
coroutine.close()
asyncio.run(main())
attempt("get_running_loop", asyncio.get_running_loop)
