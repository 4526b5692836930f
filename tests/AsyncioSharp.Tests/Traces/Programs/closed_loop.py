import asyncio

loop = asyncio.new_event_loop()


def attempt(name, function):
    try:
        function()
        print(name, "works")
    except RuntimeError:
        print(name, "runtime error")


loop.call_soon(print, "never")
loop.call_later(0, print, "never")
loop.close()
print("closed:", loop.is_closed())
attempt("close", loop.close)
attempt("call_soon", lambda: loop.call_soon(print))
attempt("call_later", lambda: loop.call_later(1, print))
attempt("call_soon_threadsafe", lambda: loop.call_soon_threadsafe(print))
attempt("run_forever", loop.run_forever)
