import asyncio


class Protocol(asyncio.SubprocessProtocol):
    def __init__(self):
        self.middle = []
        self.data = {1: b"", 2: b""}
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        print("made")
        self.transport = transport

    def pipe_data_received(self, fd, data):
        self.data[fd] += data

    def pipe_connection_lost(self, fd, exc):
        self.middle.append(f"pipe {fd} lost {exc}")

    def process_exited(self):
        self.middle.append(f"exited {self.transport.get_returncode()}")

    def connection_lost(self, exc):
        for line in sorted(self.middle):
            print(line)
        print("lost", exc)
        self.over.set_result(None)


async def main():
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_shell(Protocol, "echo out; echo err >&2; cat >/dev/null; exit 3")
    print("started")
    transport.get_pipe_transport(0).close()
    await protocol.over
    print(protocol.data[1].decode().strip(), protocol.data[2].decode().strip())
    transport.close()
    print("closing:", transport.is_closing())


asyncio.run(main())
