import asyncio


async def work(value):
    await asyncio.sleep(0)
    if value < 0:
        raise ValueError("negative")
    return value * 2


def thread(loop):
    lines = []
    for value in (1, -1, 3):
        future = asyncio.run_coroutine_threadsafe(work(value), loop)
        try:
            lines.append(f"result {future.result()}")
        except ValueError as error:
            lines.append(f"value error: {error}")
    return lines


async def main():
    loop = asyncio.get_running_loop()
    for line in await asyncio.to_thread(thread, loop):
        print(line)
    print("main ends")


asyncio.run(main())
