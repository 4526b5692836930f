import asyncio

loop = asyncio.new_event_loop()


def stopper():
    print("stopper, running:", loop.is_running())
    loop.stop()
    loop.call_soon(print, "queued by stopper")
    print("still in stopper")


loop.call_soon(print, "before")
loop.call_soon(stopper)
loop.call_soon(print, "after")
loop.run_forever()
print("stopped, running:", loop.is_running())
loop.call_soon(loop.stop)
loop.call_soon(print, "last")
loop.run_forever()
print("stopped again")
loop.close()
