#!/usr/bin/env python3
"""bench/AsyncioSharp.Processes on CPython's asyncio:  processes.py [COUNT [AT-ONCE]]"""
import asyncio
import sys
import time


async def work(count):
    for _ in range(count):
        process = await asyncio.create_subprocess_exec("/bin/true")
        await process.wait()


async def run(count, at_once):
    await asyncio.gather(*(work(count // at_once) for _ in range(at_once)))


count, at_once = (int(a) for a in (sys.argv[1:] + ["1000", "16"][len(sys.argv) - 1:]))
asyncio.run(run(count, at_once))
start = time.perf_counter()
asyncio.run(run(count, at_once))
print(f"{'asyncio':28} {(time.perf_counter() - start) / count * 1e6:8.0f} us a process, {at_once} at once")
