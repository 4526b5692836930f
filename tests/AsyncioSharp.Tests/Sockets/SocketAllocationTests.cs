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
public sealed class EpollSocketAllocationTests() : SocketAllocationTests(new EpollEventLoop())
{
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
}

[Collection(nameof(Alone))]
public sealed class PortableSocketAllocationTests() : SocketAllocationTests(new PortableEventLoop());
