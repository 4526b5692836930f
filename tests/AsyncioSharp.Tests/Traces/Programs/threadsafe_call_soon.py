import asyncio
import threading


async def main():
    loop = asyncio.get_running_loop()
    finished = loop.create_future()

    def thread():
        for n in range(3):
            loop.call_soon_threadsafe(print, "from the thread", n)
        loop.call_soon_threadsafe(finished.set_result, "finished")

    def blocking():
        worker = threading.Thread(target=thread)
        worker.start()
        worker.join()
        print("thread joined")

    loop.call_soon(blocking)
    loop.call_soon(print, "queued before the thread ran")
    print(await finished)


asyncio.run(main())
