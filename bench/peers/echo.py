#!/usr/bin/env python3
"""The echo servers of bench/echo on uvloop:  echo.py protocol|streams PORT"""
import asyncio
import socket
import sys

import uvloop


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


async def echo(reader, writer):
    try:
        while data := await reader.read(256 << 10):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass  # the client has gone
    finally:
        writer.close()


async def main(kind, port):
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    if kind == "protocol":
        server = await asyncio.get_running_loop().create_server(Echo, sock=listener, backlog=1024)
    else:
        server = await asyncio.start_server(echo, sock=listener, backlog=1024, limit=256 << 10)
    await server.serve_forever()


uvloop.install()
asyncio.run(main(sys.argv[1], int(sys.argv[2])))
