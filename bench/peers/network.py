#!/usr/bin/env python3
"""The servers of bench/network on CPython's asyncio:  network.py KIND PORT FILE"""
import asyncio
import ssl
import sys

try:
    import uvloop
except ImportError:
    uvloop = None


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


class DatagramEcho(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.transport.sendto(data, address)


async def main(kind, port, file):
    loop = asyncio.get_running_loop()

    class FileSender(asyncio.Protocol):
        def connection_made(self, transport):
            self.task = loop.create_task(self.send(transport))

        async def send(self, transport):
            with open(file, "rb") as source:
                await loop.sendfile(transport, source)
            transport.close()

    if kind == "udp":
        await loop.create_datagram_endpoint(DatagramEcho, ("127.0.0.1", port))
        await loop.create_future()
    context = None
    if kind == "tls":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file + ".pem")
    server = await loop.create_server(FileSender if kind == "file" else Echo, "127.0.0.1", port, ssl=context, backlog=1024)
    await server.serve_forever()


if "uvloop" in sys.argv:
    uvloop.install()
asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
