using System.Diagnostics;
using System.Net;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Peers;

namespace AsyncioSharp.Tests.Datagrams;

/// <summary>Datagrams exchanged with other programs; skipped where these are not installed.</summary>
public abstract class RealPeerTests(EventLoop loop) : OnNetwork(loop)
{
    private static readonly IPEndPoint s_here = new(IPAddress.Loopback, 0);

    private static Coroutine<(DatagramTransport Transport, DatagramRecorder Protocol)> OpenAsync(EndPoint local, string? answer = null) =>
        EventLoop.Running.CreateDatagramEndpointAsync(() => new DatagramRecorder { Answer = answer }, local);

    [Theory]
    [InlineData("nc", "-u -w 5 127.0.0.1 {0}")]
    [InlineData("socat", "-T 5 - UDP:127.0.0.1:{0}")]
    public void A_line_of_another_program_is_answered(string program, string arguments) => Run(async () =>
    {
        var (server, protocol) = await OpenAsync(s_here, answer: "re:");
        using var peer = Start(program, string.Format(arguments, ((IPEndPoint)server.LocalEndPoint!).Port));
        peer.StandardInput.WriteLine("hello");
        peer.StandardInput.Flush();
        Assert.Equal("re:hello", await peer.StandardOutput.ReadLineAsync());
        peer.Kill();
        server.Close();
        await Until(() => protocol.IsLost);
    });

    [Fact]
    public void A_unix_datagram_of_another_program_arrives() => Run(async () =>
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var (server, protocol) = await OpenAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
        using var peer = Start("socat", $"- UNIX-SENDTO:{path}");
        peer.StandardInput.Write("hello");
        peer.StandardInput.Close();
        await Until(() => protocol.Received.Count == 1);
        Assert.Equal(["hello"], protocol.Received);
        await peer.WaitForExitAsync();
        server.Close();
        await Until(() => protocol.IsLost);
        File.Delete(path);
    });

    [Fact]
    public void Pythons_asyncio_answers() => Run(async () =>
    {
        const string Echo = """
            import asyncio
            class Echo(asyncio.DatagramProtocol):
                def connection_made(self, transport): self.transport = transport
                def datagram_received(self, data, addr): self.transport.sendto(b"py:" + data, addr)
            async def main():
                transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
                print(transport.get_extra_info("sockname")[1], flush=True)
                await asyncio.sleep(60)
            asyncio.run(main())
            """;
        using var peer = Start("python3", "-");
        peer.StandardInput.Write(Echo);
        peer.StandardInput.Close();
        var port = int.Parse((await peer.StandardOutput.ReadLineAsync())!);
        var (client, protocol) = await OpenAsync(s_here);
        for (var i = 0; i < 10; i++)
        {
            client.SendTo(System.Text.Encoding.ASCII.GetBytes($"{i}"), new IPEndPoint(IPAddress.Loopback, port));
            await Until(() => protocol.Received.Count > i);
        }
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"py:{i}"), protocol.Received);
        peer.Kill();
        client.Close();
        await Until(() => protocol.IsLost);
    });

    [Fact]
    public void Pythons_asyncio_asks() => Run(async () =>
    {
        const string Ask = """
            import asyncio, sys
            class Ask(asyncio.DatagramProtocol):
                def __init__(self, done): self.answers, self.done = [], done
                def connection_made(self, transport):
                    for i in range(10): transport.sendto(b"%d" % i)
                def datagram_received(self, data, addr):
                    self.answers.append(data.decode())
                    if len(self.answers) == 10: self.done.set_result(None)
            async def main():
                loop = asyncio.get_running_loop()
                done = loop.create_future()
                transport, ask = await loop.create_datagram_endpoint(lambda: Ask(done), remote_addr=("127.0.0.1", int(sys.argv[1])))
                await asyncio.wait_for(done, 20)
                transport.close()
                print(*ask.answers)
            asyncio.run(main())
            """;
        var (server, protocol) = await OpenAsync(s_here, answer: "cs:");
        using var peer = OtherProgram.Python(Ask, $"{((IPEndPoint)server.LocalEndPoint!).Port}");
        Assert.Equal(string.Join(' ', Enumerable.Range(0, 10).Select(i => $"cs:{i}")) + "\n", await peer.ReadToEndAsync());
        server.Close();
        await Until(() => protocol.IsLost);
    });

    private static Process Start(string program, string arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not installed.");
            throw;
        }
    }
}

public sealed class EpollRealPeerTests() : RealPeerTests(new EpollEventLoop());

public sealed class IoUringRealPeerTests() : RealPeerTests(IoUring.NewLoop());

public sealed class PortableRealPeerTests() : RealPeerTests(new PortableEventLoop());
