using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Tls;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Faults;

/// <summary>
/// A program that makes a server and connections to it, with streams and with protocols, and sends more than the system
/// takes at once, both ways. Whatever fails, each of its runs must end in order.
/// </summary>
internal sealed class EchoRun(bool tls)
{
    private const int Length = 400_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly byte[] s_data = MakeData();

    private readonly List<Recorder> _protocols = [];
    private readonly List<byte> _back = [];

    /// <summary>What ended the program; null if it ran to its end.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>What the loop reported.</summary>
    public List<ExceptionContext> Reports { get; } = [];

    /// <summary>Whether everything came back.</summary>
    public bool IsWhole => _back.Count == Length;

    public static EchoRun Do(bool tls = false)
    {
        var run = new EchoRun(tls);
        EventLoop? loop = null;
        try
        {
            loop = new EpollEventLoop { ExceptionHandler = (_, report) => run.Reports.Add(report) };
            loop.RunUntilComplete(run.MainAsync());
        }
        catch (Exception e)
        {
            run.Failure = e;
        }
        try
        {
            loop?.Close();
        }
        catch (SocketException e)
        {
            run.Failure ??= e;
        }
        run.Check();
        return run;
    }

    private async Coroutine MainAsync()
    {
        await Asyncio.Timeout(s_patience, async _ =>
        {
            await using var server = await Asyncio.StartServerAsync(EchoAsync, "127.0.0.1", 0, new ServerOptions { Tls = tls ? Certificates.Server : null });
            var port = ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port;
            var options = new ConnectionOptions { Tls = tls ? Certificates.Client : null };
            var protocol = NewProtocol();
            await EventLoop.Running.CreateConnectionAsync(() => protocol, "127.0.0.1", port, options);
            protocol.Transport.Write("a few words"u8);
            var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", port, options);
            await using (writer)
            {
                await TaskGroup.RunAsync(async group =>
                {
                    group.StartSoon(SendAsync(writer));
                    await ReceiveAsync(reader);
                });
            }
            while (protocol.DataCount < 11 && !protocol.IsLost)
                await Asyncio.Sleep(TimeSpan.FromTicks(1));
            protocol.Transport.Close();
        });
    }

    private static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            var buffer = new byte[10_000];
            int count;
            while ((count = await reader.ReadAsync(buffer)) > 0)
            {
                writer.Write(buffer.AsSpan(0, count));
                await writer.DrainAsync();
            }
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

    // What must hold whatever happened.
    private void Check()
    {
        Assert.True(s_data.AsSpan().StartsWith(_back.ToArray()), "Something was lost, came twice or in another order.");
        Assert.IsNotType<TimeoutException>(Failure);
        foreach (var protocol in _protocols)
            Assert.Matches("^(|made( data)?( eof)?( lost)?)$", protocol.Events);
    }

    private static byte[] MakeData()
    {
        var data = new byte[Length];
        new Random(1).NextBytes(data);
        return data;
    }
}
