using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Sockets;

/// <summary>Datagrams over sockets that belong to the program.</summary>
public abstract class DatagramOperationTests(EventLoop loop) : OnNetwork(loop)
{
    private static Socket NewSocket(AddressFamily family = AddressFamily.InterNetwork)
    {
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, 0));
        return socket;
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    [CPythonTest("test_sock_lowlevel.py", "BaseSockTestsMixin", "test_recvfrom")]
    [CPythonTest("test_sock_lowlevel.py", "BaseSockTestsMixin", "test_recvfrom_into")]
    public void A_datagram_comes_with_the_address_of_its_sender(AddressFamily family) => Run(async () =>
    {
        using var sender = NewSocket(family);
        using var receiver = NewSocket(family);
        var data = new byte[4096];
        Random.Shared.NextBytes(data);
        Assert.Equal(data.Length, await Loop.SockSendToAsync(sender, data, receiver.LocalEndPoint!));
        var buffer = new byte[8192];
        var received = await Loop.SockReceiveFromAsync(receiver, buffer);
        Assert.Equal(sender.LocalEndPoint, received.RemoteEndPoint);
        Assert.Equal(data, buffer[..received.ReceivedBytes]);
    });

    [Fact]
    public void A_task_that_receives_waits_for_the_datagram() => Run(async () =>
    {
        using var sender = NewSocket();
        using var receiver = NewSocket();
        var buffer = new byte[100];
        var receiving = Asyncio.CreateTask(Loop.SockReceiveFromAsync(receiver, buffer));
        await Expect.Turns(3);
        receiving.Cancel();
        await Asyncio.Wait([receiving]);
        receiving = Asyncio.CreateTask(Loop.SockReceiveFromAsync(receiver, buffer));
        await Expect.Turns(3);
        Assert.False(receiving.IsCompleted);
        await Loop.SockSendToAsync(sender, default, receiver.LocalEndPoint!);
        Assert.Equal(0, (await receiving).ReceivedBytes);
    });

    [Fact]
    public void A_socket_of_both_versions_takes_addresses_of_version_4() => Run(async () =>
    {
        using var sender = new Socket(SocketType.Dgram, ProtocolType.Udp);
        using var receiver = NewSocket();
        await Loop.SockSendToAsync(sender, "data"u8.ToArray(), receiver.LocalEndPoint!);
        var buffer = new byte[100];
        var received = await Loop.SockReceiveFromAsync(receiver, buffer);
        await Loop.SockSendToAsync(receiver, "answer"u8.ToArray(), received.RemoteEndPoint);
        var answer = await Loop.SockReceiveFromAsync(sender, buffer);
        Assert.Equal(6, answer.ReceivedBytes);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)answer.RemoteEndPoint).Address.MapToIPv4());
    });

    [Fact]
    public void Unix_datagrams_come_with_a_path_or_without() => Run(async () =>
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            using var receiver = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            receiver.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "receiver")));
            using var sender = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            var buffer = new byte[100];
            await Loop.SockSendToAsync(sender, "data"u8.ToArray(), receiver.LocalEndPoint!);
            Assert.Equal("", (await Loop.SockReceiveFromAsync(receiver, buffer)).RemoteEndPoint.ToString());
            sender.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "sender")));
            await Loop.SockSendToAsync(sender, "data"u8.ToArray(), receiver.LocalEndPoint!);
            Assert.Equal(sender.LocalEndPoint, (await Loop.SockReceiveFromAsync(receiver, buffer)).RemoteEndPoint);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    });

    [Fact]
    [CPythonTest("test_sock_lowlevel.py", "BaseSockTestsMixin", "test_sendto_blocking")]
    public void A_send_waits_until_there_is_room() => Run(async () =>
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            // Unlike UDP's, these datagrams are never dropped: the sender has to wait.
            using var receiver = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            receiver.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "receiver")));
            using var sender = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendBufferSize = 4096 };
            var sent = 0;
            var sending = Asyncio.CreateTask(SendAsync());
            await Expect.Turns(3);
            Assert.InRange(sent, 1, 99);
            for (var i = 0; i < 100; i++)
                Assert.Equal(i, (await Loop.SockReceiveFromAsync(receiver, new byte[2000])).ReceivedBytes);
            await sending;

            async Coroutine SendAsync()
            {
                for (; sent < 100; sent++)
                    await Loop.SockSendToAsync(sender, new byte[sent], receiver.LocalEndPoint!);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    });

    [Fact]
    public void The_same_peer_has_the_same_end_point_until_that_is_changed() => Run(async () =>
    {
        using var sender = NewSocket();
        using var receiver = NewSocket();
        var first = (IPEndPoint)await SendAsync();
        if (Loop is LinuxEventLoop)
            Assert.Same(first, await SendAsync());
        first.Port ^= 1;
        Assert.Equal(sender.LocalEndPoint, await SendAsync());

        async Coroutine<EndPoint> SendAsync()
        {
            await Loop.SockSendToAsync(sender, "data"u8.ToArray(), receiver.LocalEndPoint!);
            return (await Loop.SockReceiveFromAsync(receiver, new byte[10])).RemoteEndPoint;
        }
    });

    [Fact]
    public void A_refused_datagram_is_told_on_a_connected_socket() => Run(async () =>
    {
        using var gone = NewSocket();
        using var sender = NewSocket();
        await Loop.SockConnectAsync(sender, gone.LocalEndPoint!);
        gone.Dispose();
        await Loop.SockSendAllAsync(sender, "data"u8.ToArray());
        var failure = await Expect.ThrowsAsync<SocketException>(async () => await Loop.SockReceiveFromAsync(sender, new byte[10]));
        Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);
    });
}

public sealed class EpollDatagramOperationTests() : DatagramOperationTests(new EpollEventLoop());

public sealed class IoUringDatagramOperationTests() : DatagramOperationTests(IoUring.NewLoop());

public sealed class PortableDatagramOperationTests() : DatagramOperationTests(new PortableEventLoop());
