import asyncio

loop = asyncio.new_event_loop()


async def worker():
    for n in range(4):
        print("step", n)
        await asyncio.sleep(0)
    return "result"


task = loop.create_task(worker())
loop.call_soon(loop.stop)
loop.run_forever()
print("stopped, done:", task.done())
loop.stop()
loop.run_forever()
print("stopped, done:", task.done())
print(loop.run_until_complete(task))
print("done:", task.done())
loop.close()
