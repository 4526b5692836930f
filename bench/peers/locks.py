#!/usr/bin/env python3
"""The rows of synchronization on CPython's asyncio:  locks.py BENCH COUNT [WARM-UP]"""
import asyncio
import json
import sys
import time


async def lock(count):
    mutex = asyncio.Lock()
    for _ in range(count):
        async with mutex:
            pass


async def lock_handoff(count):
    mutex = asyncio.Lock()

    async def take():
        for _ in range(count // 2):
            async with mutex:
                pass

    async with mutex:
        tasks = [asyncio.create_task(take()) for _ in range(2)]
        await asyncio.sleep(0)
    for task in tasks:
        await task


async def semaphore(count):
    places = asyncio.Semaphore(2)
    for _ in range(count):
        async with places:
            pass


async def channel(count):
    queue = asyncio.Queue(100)

    async def produce():
        for i in range(count):
            await queue.put(i)

    producer = asyncio.create_task(produce())
    for _ in range(count):
        await queue.get()
    await producer


async def group(count):
    async def nothing():
        pass

    for _ in range(count // 10):
        async with asyncio.TaskGroup() as tasks:
            for _ in range(10):
                tasks.create_task(nothing())


def main(bench, count):
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        asyncio.run(globals()[bench](int(count)))
        best = min(best, time.perf_counter() - start)
    print(json.dumps({"runtime": "asyncio", "bench": bench, "value": best / int(count) * 1e9, "unit": "ns"}))


main(*sys.argv[1:3])
