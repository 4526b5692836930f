import asyncio


def blocking(value):
    if value < 0:
        raise ValueError("negative")
    return value + 1


async def main():
    print(await asyncio.to_thread(blocking, 1))
    try:
        await asyncio.to_thread(blocking, -1)
    except ValueError as error:
        print("value error:", error)
    print(*await asyncio.gather(*[asyncio.to_thread(blocking, n) for n in range(4)]))


asyncio.run(main())
