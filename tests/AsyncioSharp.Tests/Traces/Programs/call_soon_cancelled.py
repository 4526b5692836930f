import asyncio


async def main():
    loop = asyncio.get_running_loop()
    handles = {}

    def first():
        print("first")
        handles["third"].cancel()

    handles["first"] = loop.call_soon(first)
    handles["second"] = loop.call_soon(print, "second")
    handles["third"] = loop.call_soon(print, "third")
    handles["fourth"] = loop.call_soon(print, "fourth")
    handles["second"].cancel()
    print("second cancelled:", handles["second"].cancelled())
    print("third cancelled:", handles["third"].cancelled())
    await asyncio.sleep(0)
    print("third cancelled:", handles["third"].cancelled())
    print("fourth cancelled:", handles["fourth"].cancelled())


asyncio.run(main())
