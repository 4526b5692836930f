import asyncio


def attempt(name, function):
    try:
        print(name, function())
    except asyncio.QueueEmpty:
        print(name, "empty")
    except asyncio.QueueFull:
        print(name, "full")


async def main():
    queue = asyncio.Queue(2)
    attempt("get", queue.get_nowait)
    for n in range(2):
        queue.put_nowait(n)
    attempt("put", lambda: queue.put_nowait(2))
    print("size:", queue.qsize(), "full:", queue.full())
    attempt("get", queue.get_nowait)
    attempt("get", queue.get_nowait)
    attempt("get", queue.get_nowait)


asyncio.run(main())
