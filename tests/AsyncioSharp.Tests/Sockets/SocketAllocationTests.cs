using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Sockets;

/// <summary>Operations on sockets must not allocate once they run steadily: less than one byte each.</summary>
public abstract class SocketAllocationTests(EventLoop loop) : OnNetwork(loop)
{
    protected const int Count = 5000;

    [Fact]
    public void Streams() => Run(async () =>
    {
        using var pair = new SocketPair();
        var echo = Asyncio.CreateTask(EchoAsync());
        var message = new byte[100];
        await Allocations.AssertNoneAsync(Count, async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                await Loop.SockSendAllAsync(pair.Near, message);
                await Loop.SockReceiveAsync(pair.Near, message.AsMemory());
            }
        });
        echo.Cancel();

        async Coroutine EchoAsync()
        {
            var buffer = new byte[1000];
            while (true)
            {
                var count = await Loop.SockReceiveAsync(pair.Far, buffer.AsMemory());
                await Loop.SockSendAllAsync(pair.Far, buffer.AsMemory(0, count));
            }
        }
    });
}

[Collection(nameof(Alone))]
public sealed class EpollSocketAllocationTests() : LinuxSocketAllocationTests(new EpollEventLoop());

[Collection(nameof(Alone))]
public sealed class IoUringSocketAllocationTests() : LinuxSocketAllocationTests(IoUring.NewLoop());

public abstract class LinuxSocketAllocationTests(EventLoop loop) : SocketAllocationTests(loop)
{
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public void DatagramEndpoints(int inFlight) => Run(async () =>
    {
        var (far, _) = await Loop.CreateDatagramEndpointAsync(() => new PingPong(), new IPEndPoint(IPAddress.Loopback, 0));
        var (near, protocol) = await Loop.CreateDatagramEndpointAsync(() => new PingPong(), new IPEndPoint(IPAddress.Loopback, 0));
        await Allocations.AssertNoneAsync(Count, async () =>
        {
            protocol.Left = Count;
            for (var i = 0; i < inFlight; i++)
                near.SendTo("ball"u8, far.LocalEndPoint);
            while (protocol.Left > 0)
                await Asyncio.Sleep(TimeSpan.FromTicks(1));
        });
        near.Close();
        far.Close();
        await Expect.Turns(2);
    });

    [Fact]
    public void Datagrams() => Run(async () =>
    {
        using var near = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        near.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        far.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var remote = far.LocalEndPoint!;
        var echo = Asyncio.CreateTask(EchoAsync());
        var message = new byte[100];
        await Allocations.AssertNoneAsync(Count, async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                await Loop.SockSendToAsync(near, message, remote);
                await Loop.SockReceiveFromAsync(near, message);
            }
        });
        echo.Cancel();

        async Coroutine EchoAsync()
        {
            var buffer = new byte[1000];
            while (true)
            {
                var received = await Loop.SockReceiveFromAsync(far, buffer);
                await Loop.SockSendToAsync(far, buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint);
            }
        }
    });

    private sealed class PingPong : DatagramProtocol
    {
        private DatagramTransport? _transport;

        public int Left { get; set; } = int.MaxValue;

        public override void ConnectionMade(DatagramTransport transport) => _transport = transport;

        public override void DatagramReceived(ReadOnlySpan<byte> data, EndPoint remoteEndPoint)
        {
            if (--Left > 0)
                _transport!.SendTo(data, remoteEndPoint);
        }
    }
}

[Collection(nameof(Alone))]
public sealed class PortableSocketAllocationTests() : SocketAllocationTests(new PortableEventLoop());
