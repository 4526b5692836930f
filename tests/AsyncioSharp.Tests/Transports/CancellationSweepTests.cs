using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Tls;

namespace AsyncioSharp.Tests.Transports;

/// <summary>
/// Programs that do everything a connection can, cancelled after one turn of the loop, after two, and so on. Each time they
/// end as cancelled, or whole, with nothing to report and no descriptor left.
/// </summary>
[Collection(nameof(Alone))]
public abstract class CancellationSweepTests
{
    private const int EachTurn = 50; // then here and there

    private protected abstract EventLoop NewLoop();

    [Fact]
    public void Streams() => Sweep(() => ExchangeAsync(tls: false));

    [Fact]
    public void Streams_over_TLS() => Sweep(() => ExchangeAsync(tls: true));

    [Fact]
    public void An_upgrade_to_TLS() => Sweep(async () =>
    {
        await using var server = await Asyncio.StartServerAsync(async (reader, writer) =>
        {
            try
            {
                await using (writer)
                {
                    await reader.ReadLineAsync();
                    writer.Write("go\n"u8);
                    await writer.StartTlsAsync(Certificates.Server);
                    writer.Write(await reader.ReadLineAsync());
                }
            }
            catch (Exception e) when (IsOfLeaving(e))
            {
            }
        }, "127.0.0.1", 0);
        var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", Port(server));
        await using (writer)
        {
            writer.Write("upgrade\n"u8);
            await reader.ReadLineAsync();
            await writer.StartTlsAsync(Certificates.Client);
            writer.Write("line\n"u8);
            Assert.Equal("line\n"u8.ToArray(), await reader.ReadLineAsync());
        }
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file(bool native) => Sweep(async () =>
    {
        var received = 0;
        await using var server = await Asyncio.StartServerAsync(async (reader, writer) =>
        {
            try
            {
                await using (writer)
                {
                    var buffer = new byte[30_000];
                    int count;
                    while ((count = await reader.ReadAsync(buffer)) > 0)
                        received += count;
                }
            }
            catch (Exception e) when (IsOfLeaving(e))
            {
            }
        }, "127.0.0.1", 0);
        var (_, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", Port(server));
        await using (writer)
        {
            writer.Socket!.SendBufferSize = 16 * 1024;
            await using Stream file = native ? File.OpenRead(typeof(EventLoop).Assembly.Location) : new MemoryStream(new byte[600_000]);
            writer.Write("before"u8);
            var sent = await EventLoop.Running.SendFileAsync(writer.Transport, file);
            writer.WriteEof();
            while (received < sent + 6)
                await Asyncio.Yield();
        }
    });

    [Fact]
    public void Unix_sockets_and_a_race() => Sweep(async () =>
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using (var server = await Asyncio.StartUnixServerAsync(EchoAsync, path))
        {
            var (reader, writer) = await Asyncio.OpenUnixConnectionAsync(path);
            await using (writer)
            {
                writer.Write("line\n"u8);
                Assert.Equal("line\n"u8.ToArray(), await reader.ReadLineAsync());
            }
        }
        await using (var server = await Asyncio.StartServerAsync(EchoAsync, "127.0.0.1", 0))
        {
            var (_, writer) = await Asyncio.OpenConnectionAsync(
                "localhost", Port(server), new ConnectionOptions { HappyEyeballsDelay = TimeSpan.FromMilliseconds(1) });
            await writer.DisposeAsync();
        }
    });

    [Fact]
    public void Sockets_of_the_program() => Sweep(async () =>
    {
        var loop = EventLoop.Running;
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Send());
            using var far = await loop.SockAcceptAsync(listener);
            var buffer = new byte[50_000];
            for (var count = 0; count < 500_000;)
                count += await loop.SockReceiveAsync(far, buffer);
        });

        async Coroutine Send()
        {
            await loop.SockConnectAsync(near, listener.LocalEndPoint!);
            await loop.SockSendAllAsync(near, new byte[500_000]);
        }
    });

    [Fact]
    public void Datagrams() => Sweep(async () =>
    {
        var loop = EventLoop.Running;
        var (server, protocol) = await loop.CreateDatagramEndpointAsync(
            () => new Datagrams.DatagramRecorder(), new IPEndPoint(IPAddress.Loopback, 0));
        try
        {
            var (client, _) = await loop.CreateDatagramEndpointAsync(() => new Datagrams.DatagramRecorder(), null, server.LocalEndPoint);
            client.SendTo("data"u8);
            client.Close();
            while (protocol.Received.Count == 0)
                await Asyncio.Yield();
        }
        finally
        {
            server.Abort();
        }
    });

    // More than the system takes at once, so that draining waits.
    private static async Coroutine ExchangeAsync(bool tls)
    {
        await using var server = await Asyncio.StartServerAsync(
            EchoAsync, "127.0.0.1", 0, new ServerOptions { Tls = tls ? Certificates.Server : null });
        var (reader, writer) = await Asyncio.OpenConnectionAsync(
            "127.0.0.1", Port(server), new ConnectionOptions { Tls = tls ? Certificates.Client : null });
        await using (writer)
        {
            var data = new byte[1_000_000];
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(Send());
                await reader.ReadExactlyAsync(data.Length);
            });
            writer.Close();
            await writer.WaitClosedAsync();

            async Coroutine Send()
            {
                writer.Write(data);
                await writer.DrainAsync();
            }
        }
    }

    private static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        try
        {
            await using (writer)
            {
                var buffer = new byte[64 * 1024];
                int count;
                while ((count = await reader.ReadAsync(buffer)) > 0)
                {
                    writer.Write(buffer.AsSpan(0, count));
                    await writer.DrainAsync();
                }
            }
        }
        catch (Exception e) when (IsOfLeaving(e))
        {
        }
    }

    // How a server notices that its client was cancelled.
    private static bool IsOfLeaving(Exception exception) => exception is IOException or SocketException or AuthenticationException
        || (exception is InvalidOperationException && exception.Message.Contains("TLS needs a connection that stands", StringComparison.Ordinal));

    private static int Port(Server server) => ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port;

    private void Sweep(Func<Coroutine> program)
    {
        Assert.False(IsCanceled(program, int.MaxValue)); // once in peace
        var descriptors = Descriptors.Count();
        for (var turns = 1; IsCanceled(program, turns); turns += 1 + turns / EachTurn * turns / 10)
        {
        }
        Assert.Equal(descriptors, Descriptors.Count());
    }

    // Whether it did not come to its end before.
    private bool IsCanceled(Func<Coroutine> program, int turns)
    {
        List<ExceptionContext> reports = [];
        using var loop = NewLoop();
        loop.ExceptionHandler = (_, report) => reports.Add(report);
        var isCanceled = loop.RunUntilComplete(MainAsync());
        // A connection whose program has gone ends by itself, or with the loop.
        loop.Close();
        Assert.True(reports.Count == 0,
            $"After {turns} turns: {string.Join("; ", reports.Select(static report => $"{report.Message} {report.Exception}"))}");
        return isCanceled;

        async Coroutine<bool> MainAsync()
        {
            var task = Asyncio.CreateTask(Call());
            for (var i = 0; i < turns && !task.IsCompleted; i++)
                await Asyncio.Yield();
            var wasRunning = task.Cancel();
            try
            {
                await Asyncio.WaitFor(task, TimeSpan.FromSeconds(20));
                return false;
            }
            catch (CanceledException)
            {
                return wasRunning;
            }
        }

        async Coroutine Call() => await program();
    }
}

public sealed class EpollCancellationSweepTests : CancellationSweepTests
{
    private protected override EventLoop NewLoop() => new EpollEventLoop();
}

public sealed class IoUringCancellationSweepTests : CancellationSweepTests
{
    private protected override EventLoop NewLoop() => IoUring.NewLoop();
}

public sealed class PortableCancellationSweepTests : CancellationSweepTests
{
    private protected override EventLoop NewLoop() => new PortableEventLoop();
}
