using System.Net;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Telemetry;

/// <summary>Connections and bytes, on every loop with a network.</summary>
public abstract class NetworkMetricsTests(EventLoop loop) : OnNetwork(loop)
{
    [Fact]
    public void Connections_and_their_bytes_are_counted_through_streams()
    {
        using var measurements = Listen();
        Run(async () =>
        {
            var server = await ServeAsync(static async (reader, writer) =>
            {
                await using (writer)
                {
                    writer.Write(await reader.ReadAsync());
                    await writer.DrainAsync();
                }
            });
            var (reader, writer) = await ConnectAsync(server);
            writer.Write(new byte[300_000]); // more than the system takes at once
            writer.WriteEof();
            await Until(() => measurements.Read()["asyncio.transport.active"] == 2); // both ends are here
            await reader.ReadAsync();
            await writer.DisposeAsync();
            await server.DisposeAsync();
        });
        var after = measurements.Read();
        Assert.Equal((1, 2, 0), (after["asyncio.server.accepted"], after["asyncio.transport.opened"], after["asyncio.transport.active"]));
        Assert.Equal((600_000, 600_000), (after["asyncio.transport.io receive"], after["asyncio.transport.io transmit"]));
    }

    [Fact]
    public void A_connection_that_is_taken_from_its_loop_is_none_of_its_own_any_more()
    {
        using var measurements = Listen();
        Run(async () =>
        {
            await using var server = await ServeAsync(static () => new Echo());
            var done = Loop.CreateFuture<bool>();
            var (transport, _) = await ConnectAsync(server, () => new Client(done));
            await Until(() => measurements.Read()["asyncio.transport.active"] == 2);
            using (var connection = await Loop.DetachAsync(transport))
            {
                Assert.Equal(1, measurements.Read()["asyncio.transport.active"]);
                (transport, _) = await Loop.AttachAsync(() => new Client(done), connection);
            }
            Assert.Equal(2, measurements.Read()["asyncio.transport.active"]);
            transport.Write("hello"u8);
            await done;
            transport.Close();
        });
        Assert.Equal(0, measurements.Read()["asyncio.transport.active"]);
    }

    [Fact]
    public void Bytes_are_counted_through_protocols()
    {
        using var measurements = Listen();
        Run(async () =>
        {
            var server = await ServeAsync(static () => new Echo());
            var done = Loop.CreateFuture<bool>();
            var (transport, _) = await ConnectAsync(server, () => new Client(done));
            transport.Write("hello"u8);
            await done;
            transport.Close();
            await server.DisposeAsync();
        });
        var after = measurements.Read();
        Assert.Equal((10, 10), (after["asyncio.transport.io receive"], after["asyncio.transport.io transmit"]));
    }

    [Fact]
    public void Bytes_that_another_thread_sends_and_receives_are_counted()
    {
        using var measurements = Listen();
        Run(async () =>
        {
            await using var server = await ServeAsync(static () => new Echo());
            await using var stream = await TransportStream.ConnectAsync("127.0.0.1", Port(server));
            await Task.Run(async () =>
            {
                for (var i = 0; i < 10; i++)
                {
                    await stream.WriteAsync("hello"u8.ToArray());
                    await stream.ReadExactlyAsync(new byte[5]);
                }
            });
        });
        var after = measurements.Read();
        Assert.Equal((100, 100), (after["asyncio.transport.io receive"], after["asyncio.transport.io transmit"]));
    }

    [Fact]
    public void Datagrams_are_counted()
    {
        using var measurements = Listen();
        Run(async () =>
        {
            var done = Loop.CreateFuture<bool>();
            var (receiver, _) = await Loop.CreateDatagramEndpointAsync(() => new Datagrams(done), new IPEndPoint(IPAddress.Loopback, 0));
            var (sender, _) = await Loop.CreateDatagramEndpointAsync(() => new Datagrams(done), remoteEndPoint: receiver.LocalEndPoint);
            Assert.Equal(2, measurements.Read()["asyncio.transport.active"]);
            sender.SendTo("hello"u8);
            await done;
            sender.Close();
            receiver.Close();
            await Expect.Turns(3);
        });
        var after = measurements.Read();
        Assert.Equal((2, 0), (after["asyncio.transport.opened"], after["asyncio.transport.active"]));
        Assert.Equal((5, 5), (after["asyncio.transport.io receive"], after["asyncio.transport.io transmit"]));
    }

    private LoopMeasurements Listen()
    {
        Loop.Name = $"network {Guid.NewGuid()}";
        return new LoopMeasurements(Loop);
    }

    private sealed class Echo : Protocol
    {
        private Transport? _transport;

        public override void ConnectionMade(Transport transport) => _transport = transport;

        public override void DataReceived(ReadOnlySpan<byte> data) => _transport!.Write(data);
    }

    private sealed class Client(Future<bool> done) : Protocol
    {
        private int _count;

        public override void DataReceived(ReadOnlySpan<byte> data)
        {
            _count += data.Length;
            if (_count == 5)
                done.SetResult(true);
        }
    }

    private sealed class Datagrams(Future<bool> done) : DatagramProtocol
    {
        public override void DatagramReceived(ReadOnlySpan<byte> data, EndPoint remoteEndPoint) => done.TrySetResult(true);
    }
}

public sealed class EpollNetworkMetricsTests() : NetworkMetricsTests(new EpollEventLoop());

public sealed class IoUringNetworkMetricsTests() : NetworkMetricsTests(IoUring.NewLoop());

public sealed class PortableNetworkMetricsTests() : NetworkMetricsTests(new PortableEventLoop());
