#!/usr/bin/env python3
"""The client of bench/shared on asyncio or uvloop:  shared.py asyncio|uvloop PORT TASKS BYTES WARM-UP SECONDS"""
import asyncio
import collections
import json
import sys
import time


async def main(port, tasks, size, warm_up, seconds):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    waiting = collections.deque()
    request = bytes(size)
    answers = 0

    async def ask():
        nonlocal answers
        while True:
            answer = loop.create_future()
            waiting.append(answer)
            writer.write(request)
            await writer.drain()
            await answer
            answers += 1

    async def receive():
        while True:
            await reader.readexactly(size)
            waiting.popleft().set_result(None)

    loop = asyncio.get_running_loop()
    running = [asyncio.ensure_future(ask()) for _ in range(tasks)] + [asyncio.ensure_future(receive())]
    await asyncio.sleep(warm_up)
    before, start, used = answers, time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    count, taken, used = answers - before, time.perf_counter() - start, time.process_time() - used
    print(json.dumps({"rps": round(count / taken), "client_ns": round(used * 1e9 / count)}))
    for task in running:
        task.cancel()


kind, *words = sys.argv[1:]
if kind == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run(main(*map(int, words[:3]), *map(float, words[3:])))
