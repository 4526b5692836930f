import asyncio


async def player(name, mine, others, loop):
    for n in range(3):
        await mine[n]
        print(name, n)
        others[n].set_result(None)
    print(name, "ends")


async def main():
    loop = asyncio.get_running_loop()
    pings = [loop.create_future() for _ in range(4)]
    pongs = [loop.create_future() for _ in range(3)]
    ping = asyncio.create_task(player("ping", pings[:3], pongs, loop))
    pong = asyncio.create_task(player("pong", pongs, pings[1:], loop))
    await asyncio.sleep(0)
    print("serve")
    pings[0].set_result(None)
    await pong
    print("ping done:", ping.done())


asyncio.run(main())
