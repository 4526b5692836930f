import asyncio
import gc

loop = asyncio.new_event_loop()
tasks = []


def handler(loop, context):
    print("handler:", context["exception"])


async def fails(text):
    raise ValueError(text)


async def main():
    loop.set_exception_handler(handler)
    tasks.append(asyncio.create_task(fails("forgotten")))
    tasks.append(asyncio.create_task(fails("retrieved")))
    await asyncio.wait(tasks)
    print("retrieved:", tasks[1].exception())
    print("main ends")


loop.run_until_complete(main())
print("closing")
loop.close()
tasks.clear()
gc.collect()
print("closed")
