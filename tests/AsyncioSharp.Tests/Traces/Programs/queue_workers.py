import asyncio


async def worker(name, queue, results):
    while True:
        n = await queue.get()
        try:
            await asyncio.sleep(0.005)
            results.append(f"{name}{n}")
        finally:
            queue.task_done()


async def main():
    queue = asyncio.Queue()
    results = []
    for n in range(6):
        queue.put_nowait(n)
    workers = [asyncio.create_task(worker(name, queue, results)) for name in "abc"]
    await queue.join()
    print("joined, all results:", len(results))
    for task in workers:
        task.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    print("first round:", *results[:3])
    print("cancelled:", *[task.cancelled() for task in workers])


asyncio.run(main())
