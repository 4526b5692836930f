#!/usr/bin/env python3
"""The echo servers of bench/echo and bench/pipelined on uvloop. With BYTES each request of so many bytes is answered by itself:
echo.py protocol|streams PORT [BYTES]"""
import asyncio
import socket
import sys

import uvloop


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


class Answering(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.part = b""

    def data_received(self, data):
        data = self.part + data
        whole = len(data) - len(data) % size
        for start in range(0, whole, size):
            self.transport.write(data[start:start + size])
        self.part = data[whole:]


async def echo(reader, writer):
    try:
        while data := await (reader.readexactly(size) if size else reader.read(256 << 10)):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass  # the client has gone
    finally:
        writer.close()


async def main(kind, port):
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    if kind == "protocol":
        server = await asyncio.get_running_loop().create_server(Answering if size else Echo, sock=listener, backlog=1024)
    else:
        server = await asyncio.start_server(echo, sock=listener, backlog=1024, limit=256 << 10)
    await server.serve_forever()


size = int(sys.argv[3]) if len(sys.argv) > 3 else 0
uvloop.install()
asyncio.run(main(sys.argv[1], int(sys.argv[2])))
