import asyncio

loop = asyncio.new_event_loop()


def callback():
    print("callback")
    loop.call_soon(print, "queued by callback")


loop.call_soon(callback)
loop.call_soon(print, "second")
loop.stop()
print("running:", loop.is_running())
loop.run_forever()
print("one iteration")
loop.stop()
loop.run_forever()
print("another iteration")
loop.stop()
loop.run_forever()
print("an empty iteration")
loop.close()
print("closed:", loop.is_closed())
