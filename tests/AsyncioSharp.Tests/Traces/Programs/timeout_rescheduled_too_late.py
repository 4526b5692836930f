import asyncio


def reschedule(name, scope):
    try:
        scope.reschedule(None)
        print(name, "works")
    except RuntimeError:
        print(name, "runtime error")


async def main():
    async with asyncio.timeout(1) as scope:
        reschedule("inside", scope)
    reschedule("finished", scope)
    try:
        async with asyncio.timeout(0) as scope:
            try:
                await asyncio.sleep(1)
            finally:
                reschedule("expiring", scope)
    except TimeoutError:
        reschedule("expired", scope)


asyncio.run(main())
