using System.Net;
using System.Net.Sockets;
using System.Text;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Sockets;

/// <summary>Streams over sockets that belong to the program.</summary>
public abstract partial class SocketOperationTests(EventLoop loop) : OnNetwork(loop), IDisposable
{
    private readonly SocketPair _pair = new();

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private static Socket NewListener()
    {
        var listener = NewSocket();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(10);
        return listener;
    }

    [Fact]
    [CPythonTest("test_sock_lowlevel.py", "BaseSockTestsMixin", "test_sock_client_ops")]
    public void A_blocking_socket_connects_sends_and_receives() => Run(async () =>
    {
        using var listener = NewListener();
        using var socket = NewSocket();
        await Loop.SockConnectAsync(socket, listener.LocalEndPoint!);
        Assert.True(socket.Connected);
        Assert.Equal(listener.LocalEndPoint, socket.RemoteEndPoint);

        using var peer = await Loop.SockAcceptAsync(listener);
        Assert.Equal(socket.LocalEndPoint, peer.RemoteEndPoint);
        await Loop.SockSendAllAsync(socket, "question"u8.ToArray());
        Assert.Equal("question"u8.ToArray(), await Loop.SockReceiveAsync(peer, 100));
        await Loop.SockSendAllAsync(peer, "answer"u8.ToArray());
        var buffer = new byte[4];
        Assert.Equal(4, await Loop.SockReceiveAsync(socket, buffer));
        Assert.Equal("answ"u8, buffer);
        Assert.Equal(2, await Loop.SockReceiveAsync(socket, buffer));
        peer.Dispose();
        Assert.Equal(0, await Loop.SockReceiveAsync(socket, buffer));
        Assert.Empty(await Loop.SockReceiveAsync(socket, 100));
    });

    [Fact]
    public void Nothing_happens_before_the_coroutine_is_awaited() => Run(async () =>
    {
        _pair.Far.Send("data"u8);
        var receiving = Loop.SockReceiveAsync(_pair.Near, 100);
        Assert.Equal(2, await Loop.SockReceiveAsync(_pair.Near, new byte[2]));
        Assert.Equal("ta"u8.ToArray(), await receiving);
    });

    [Fact]
    public void An_empty_buffer_waits_for_data_and_takes_none() => Run(async () =>
    {
        var waiting = Asyncio.CreateTask(Loop.SockReceiveAsync(_pair.Near, Memory<byte>.Empty));
        await Expect.Turns(3);
        Assert.False(waiting.IsCompleted);
        _pair.Far.Send("data"u8);
        Assert.Equal(0, await waiting);
        Assert.Equal("data"u8.ToArray(), await Loop.SockReceiveAsync(_pair.Near, 100));
    });

    [Fact]
    [CPythonTest("test_sock_lowlevel.py", "BaseSockTestsMixin", "test_sock_client_racing")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_prompt_cancellation")]
    public void A_receive_can_be_cancelled_and_the_next_gets_the_data() => Run(async () =>
    {
        var first = Asyncio.CreateTask(Loop.SockReceiveAsync(_pair.Near, 100));
        await Asyncio.Yield();
        first.Cancel();
        var second = Asyncio.CreateTask(Loop.SockReceiveAsync(_pair.Near, 100));
        await Asyncio.Yield();
        Assert.True(first.IsCanceled);
        _pair.Far.Send("data"u8);
        Assert.Equal("data"u8.ToArray(), await second);
        Assert.Equal(0, _pair.Near.Available);
    });

    [Fact]
    public void Data_that_arrives_with_the_cancellation_is_not_lost() => Run(async () =>
    {
        // Cancelled in every turn on the way from the arrival to the end of the task.
        for (var turns = 0; turns < 6; turns++)
        {
            var receiving = Asyncio.CreateTask(Loop.SockReceiveAsync(_pair.Near, 100));
            await Expect.Turns(3);
            _pair.Far.Send("data"u8);
            await Expect.Turns(turns);
            receiving.Cancel();
            await Asyncio.Wait([receiving]);
            var data = receiving.IsCanceled ? await Loop.SockReceiveAsync(_pair.Near, 100) : receiving.Result;
            Assert.Equal("data"u8, data);
        }
    });

    [Fact]
    public void A_send_that_waits_can_be_cancelled_and_the_next_goes_on() => Run(async () =>
    {
        _pair.FillUp();
        var first = Asyncio.CreateTask(Loop.SockSendAllAsync(_pair.Near, "hello"u8.ToArray()));
        await Asyncio.Yield();
        first.Cancel();
        var second = Asyncio.CreateTask(SendAsync());
        var received = new StringBuilder();
        byte[] data;
        while ((data = await Loop.SockReceiveAsync(_pair.Far, 100_000)).Length > 0)
            received.Append(Encoding.ASCII.GetString(data).Trim('\0'));
        Assert.True(first.IsCanceled);
        Assert.Equal("world", received.ToString());
        await second;

        async Coroutine SendAsync()
        {
            await Loop.SockSendAllAsync(_pair.Near, "world"u8.ToArray());
            _pair.Near.Shutdown(SocketShutdown.Send);
        }
    });

    [Fact]
    [CPythonTest("test_sock_lowlevel.py", "BaseSockTestsMixin", "test_huge_content")]
    [CPythonTest("test_sock_lowlevel.py", "BaseSockTestsMixin", "test_huge_content_recvinto")]
    public void A_socket_can_be_read_and_written_at_once() => Run(async () =>
    {
        var sent = new byte[5_000_000];
        Random.Shared.NextBytes(sent);
        var echo = Asyncio.CreateTask(EchoAsync());
        var sending = Asyncio.CreateTask(SendAsync());
        var received = new List<byte>();
        var buffer = new byte[100_000];
        int count;
        while ((count = await Loop.SockReceiveAsync(_pair.Near, buffer)) > 0)
            received.AddRange(buffer.AsSpan(0, count));
        Assert.True(sent.AsSpan().SequenceEqual(received.ToArray()));
        await sending;
        await echo;

        async Coroutine SendAsync()
        {
            await Loop.SockSendAllAsync(_pair.Near, sent);
            _pair.Near.Shutdown(SocketShutdown.Send);
        }

        async Coroutine EchoAsync()
        {
            byte[] data;
            while ((data = await Loop.SockReceiveAsync(_pair.Far, 65536)).Length > 0)
                await Loop.SockSendAllAsync(_pair.Far, data);
            _pair.Far.Shutdown(SocketShutdown.Send);
        }
    });

    [Fact]
    public void A_second_task_cannot_wait_for_the_same() => Run(async () =>
    {
        var first = Asyncio.CreateTask(Loop.SockReceiveAsync(_pair.Near, 100));
        await Asyncio.Yield();
        var failure = await Expect.ThrowsAsync<InvalidOperationException>(Loop.SockReceiveAsync(_pair.Near, 100));
        Assert.Contains("Only one", failure.Message);
        _pair.Far.Send("data"u8);
        Assert.Equal("data"u8.ToArray(), await first);
    });

    [Fact]
    public void A_lost_connection_fails_what_waits() => Run(async () =>
    {
        var receiving = Asyncio.CreateTask(Loop.SockReceiveAsync(_pair.Near, 100));
        await Asyncio.Yield();
        Reset(_pair.Far);
        Assert.Equal(SocketError.ConnectionReset, (await Expect.ThrowsAsync<SocketException>(receiving)).SocketErrorCode);
        Assert.Equal(
            SocketError.Shutdown, (await Expect.ThrowsAsync<SocketException>(Loop.SockSendAllAsync(_pair.Near, new byte[1]))).SocketErrorCode);
    });

    [Fact]
    public void Closed_sockets_and_bad_arguments_are_refused() => Run(async () =>
    {
        Assert.Throws<ArgumentNullException>(() => Loop.SockReceiveAsync(null!, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loop.SockReceiveAsync(_pair.Near, 0));
        Assert.Throws<ArgumentNullException>(() => Loop.SockConnectAsync(_pair.Near, null!));
        Assert.Throws<ArgumentException>(() => Loop.SockSendToAsync(_pair.Near, default, new DnsEndPoint("localhost", 1)));
        _pair.Near.Dispose();
        await Expect.ThrowsAsync<ObjectDisposedException>(Loop.SockReceiveAsync(_pair.Near, 10));
        await Expect.ThrowsAsync<ObjectDisposedException>(Loop.SockSendAllAsync(_pair.Near, new byte[1]));
        using var virtualLoop = LoopTest.NewLoop();
        Assert.Throws<NotSupportedException>(() => virtualLoop.SockReceiveAsync(_pair.Far, 10));
    });

    public new void Dispose()
    {
        base.Dispose();
        _pair.Dispose();
    }
}

public sealed class EpollSocketOperationTests() : SocketOperationTests(new EpollEventLoop());

public sealed class IoUringSocketOperationTests() : SocketOperationTests(IoUring.NewLoop());

public sealed class PortableSocketOperationTests() : SocketOperationTests(new PortableEventLoop());
