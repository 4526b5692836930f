import asyncio


async def job(places, number):
    async with places:
        process = await asyncio.create_subprocess_shell(f"exit {number}")
        return await process.wait()


async def main():
    places = asyncio.Semaphore(4)
    codes = await asyncio.gather(*(job(places, number) for number in range(20)))
    print(*codes)


asyncio.run(main())
