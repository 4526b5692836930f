import asyncio


def attempt(name, function):
    try:
        print(name, function())
    except asyncio.InvalidStateError:
        print(name, "invalid state")
    except asyncio.CancelledError:
        print(name, "cancelled")
    except ValueError as error:
        print(name, "value error:", error)


async def main():
    loop = asyncio.get_running_loop()
    pending, done, failed, cancelled = (loop.create_future() for _ in range(4))
    done.set_result(1)
    failed.set_exception(ValueError("boom"))
    cancelled.cancel()
    for name, future in (("pending", pending), ("done", done), ("failed", failed), ("cancelled", cancelled)):
        print(name, future.done(), future.cancelled())
        attempt("  result", future.result)
        if not future.cancelled():
            attempt("  exception", lambda: str(future.exception()) if future.done() else future.exception())
    for name, future in (("done", done), ("failed", failed), ("cancelled", cancelled)):
        attempt(name + " set again", lambda: future.set_result(2))
        print(name, "cancel", future.cancel())
    print("pending cancel", pending.cancel(), pending.cancel())


asyncio.run(main())
