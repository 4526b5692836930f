import asyncio


async def work(name):
    print(name, "starts")
    try:
        await asyncio.sleep(1)
    finally:
        print(name, "finally")


async def main():
    loop = asyncio.get_running_loop()
    for timeout in (0, -1):
        try:
            await asyncio.wait_for(work("never"), timeout)
        except TimeoutError:
            print("timeout")
    done = loop.create_future()
    done.set_result("already done")
    print(await asyncio.wait_for(done, 0))
    started = asyncio.create_task(work("started"))
    await asyncio.sleep(0)
    try:
        await asyncio.wait_for(started, 0)
    except TimeoutError:
        print("timeout, cancelled:", started.cancelled())


asyncio.run(main())
