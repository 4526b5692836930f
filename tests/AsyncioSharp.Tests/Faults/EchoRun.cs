using System.Net;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Tls;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Faults;

/// <summary>
/// A program that makes a server and connections to it, with streams and with protocols, and sends more than the system
/// takes at once, both ways. Whatever fails, each of its runs must end in order.
/// </summary>
internal sealed class EchoRun(bool tls) : FaultRun
{
    private const int Length = 400_000;
    private static readonly byte[] s_data = RandomBytes(Length);

    private readonly List<Recorder> _protocols = [];
    private readonly List<byte> _back = [];

    /// <summary>Whether everything came back.</summary>
    public override bool IsWhole => _back.Count == Length;

    protected override async Coroutine MainAsync()
    {
        await using var server = await Asyncio.StartServerAsync(
            EchoAsync, "127.0.0.1", 0, new ServerOptions { Tls = tls ? Certificates.Server : null });
        var port = ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port;
        var options = new ConnectionOptions { Tls = tls ? Certificates.Client : null };
        var protocol = NewProtocol();
        await EventLoop.Running.CreateConnectionAsync(() => protocol, "127.0.0.1", port, options);
        protocol.Transport.Write("a few words"u8);
        var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", port, options);
        await using (writer)
        {
            SetSmall(writer);
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(SendAsync(writer));
                await ReceiveAsync(reader);
            });
        }
        await UntilOnLoop(() => protocol.DataCount >= 11 || protocol.IsLost);
        protocol.Transport.Close();
    }

    // What must hold whatever happened.
    protected override void Check()
    {
        Assert.True(s_data.AsSpan().StartsWith(_back.ToArray()), "Something was lost, came twice or in another order.");
        foreach (var protocol in _protocols)
            Assert.Matches("^(|made( data)?( eof)?( lost)?)$", protocol.Events);
    }

    private static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            SetSmall(writer);
            var buffer = new byte[10_000];
            int count;
            while ((count = await reader.ReadAsync(buffer)) > 0)
            {
                writer.Write(buffer.AsSpan(0, count));
                await writer.DrainAsync();
            }
            writer.Close();
            await writer.WaitClosedAsync(); // disposing alone would not tell that the last words were lost
        }
    }

    private static async Coroutine SendAsync(AsyncStreamWriter writer)
    {
        for (var sent = 0; sent < Length; sent += 100_000)
        {
            writer.Write(s_data.AsSpan(sent, Math.Min(100_000, Length - sent)));
            await writer.DrainAsync();
        }
        if (writer.CanWriteEof)
            writer.WriteEof();
    }

    // So that the system does not take everything at once.
    private static void SetSmall(AsyncStreamWriter writer) => writer.Socket?.SendBufferSize = 16 * 1024;

    private async Coroutine ReceiveAsync(AsyncStreamReader reader)
    {
        var buffer = new byte[30_000];
        int count;
        while ((!tls || !IsWhole) && (count = await reader.ReadAsync(buffer)) > 0) // TLS has no half-closed connections
            _back.AddRange(buffer.AsSpan(0, count));
    }

    private Recorder NewProtocol()
    {
        var protocol = new Recorder();
        _protocols.Add(protocol);
        return protocol;
    }
}
