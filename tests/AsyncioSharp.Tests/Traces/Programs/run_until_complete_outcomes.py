import asyncio

loop = asyncio.new_event_loop()


async def returns():
    await asyncio.sleep(0)
    return "value"


async def fails():
    await asyncio.sleep(0)
    raise ValueError("boom")


print(loop.run_until_complete(returns()))
try:
    loop.run_until_complete(fails())
except ValueError as error:
    print("value error:", error)
future = loop.create_future()
future.set_result("already set")
print(loop.run_until_complete(future))
loop.call_soon(print, "queued before")
print(loop.run_until_complete(returns()))
print("running:", loop.is_running())
loop.close()
