import asyncio

loop = asyncio.new_event_loop()


async def waits():
    try:
        await loop.create_future()
    finally:
        print("waits ends")


task = loop.create_task(waits())
loop.call_soon(loop.stop)
try:
    loop.run_until_complete(task)
except RuntimeError:
    print("runtime error: stopped early")
print("done:", task.done())
task.cancel()
try:
    loop.run_until_complete(task)
except asyncio.CancelledError:
    print("cancelled")
loop.close()
