import asyncio


async def work(box):
    await asyncio.sleep(0)
    try:
        await box["task"]
    except RuntimeError:
        print("runtime error")
    print("work goes on")
    return "result"


async def main():
    box = {}
    box["task"] = asyncio.create_task(work(box))
    print(await box["task"])


asyncio.run(main())
