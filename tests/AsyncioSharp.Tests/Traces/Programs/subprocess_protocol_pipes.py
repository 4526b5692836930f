import asyncio


class Protocol(asyncio.SubprocessProtocol):
    def __init__(self):
        self.data = b""
        self.over = asyncio.get_running_loop().create_future()

    def pipe_data_received(self, fd, data):
        self.data += data

    def connection_lost(self, exc):
        self.over.set_result(None)


async def main():
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_exec(Protocol, "cat", stderr=None)
    print("same protocol:", transport.get_protocol() is protocol)
    for fd in range(4):
        print("pipe", fd, transport.get_pipe_transport(fd) is not None)
    stdin = transport.get_pipe_transport(0)
    stdin.write(b"one ")
    stdin.writelines([b"two ", b"three"])
    print("can write eof:", stdin.can_write_eof())
    stdin.write_eof()
    await protocol.over
    print(protocol.data.decode(), transport.get_returncode())
    transport.close()


asyncio.run(main())
