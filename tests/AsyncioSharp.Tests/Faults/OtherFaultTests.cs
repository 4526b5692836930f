using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Datagrams;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Faults;

/// <summary>The same for everything that is no connection on streams: datagrams, pipes, files, and sockets of the
/// program's.</summary>
[Collection(nameof(Alone))]
public sealed class OtherFaultTests : FaultMatrix
{
    protected override EventLoop NewLoop() => new EpollEventLoop();

    [Theory]
    [InlineData("recvmmsg", 4)] // EINTR
    [InlineData("recvmmsg", 12)] // ENOMEM: told, and what is there is received next
    [InlineData("recvmmsg", 105)] // ENOBUFS
    [InlineData("recvmmsg", 111)] // ECONNREFUSED
    [InlineData("recvmmsg", 113)] // EHOSTUNREACH
    [InlineData("send", 4)]
    [InlineData("send", 111)]
    [InlineData("send", 105)]
    [InlineData("send", 1)] // EPERM
    [InlineData("send", 90)] // EMSGSIZE
    [InlineData("send", 12)]
    [InlineData("sendto", 4)]
    [InlineData("sendto", 101)] // ENETUNREACH
    [InlineData("sendto", 105)]
    [InlineData("sendto", 111)]
    [InlineData("sendto", 1)]
    [InlineData("sendto", 11)] // EAGAIN
    [InlineData("sendmmsg", 4)]
    [InlineData("sendmmsg", 11)]
    [InlineData("sendmmsg", 101)]
    [InlineData("sendmmsg", 105)]
    [InlineData("sendmmsg", 111)]
    [InlineData("sendmmsg", 1)]
    [InlineData("epoll_ctl", 12)]
    [InlineData("epoll_ctl", 28)] // ENOSPC
    public void Datagrams_arrive_in_order_or_their_loss_is_told(string call, int error)
    {
        AtEachCall(call, error, static () => new DatagramRun(unix: false), CheckTold);
        AtEachCall(call, error, static () => new DatagramRun(unix: true), CheckTold);
    }

    // To an address of its own for each datagram, a Unix socket is told of room with each attempt in vain.
    [Fact]
    public void A_full_queue_of_another_is_not_tried_without_a_pause()
    {
        var folder = Directory.CreateTempSubdirectory();
        using var loop = NewLoop();
        using var full = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        full.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "full")));
        loop.RunUntilComplete(SendAsync());
        folder.Delete(recursive: true);

        async Coroutine SendAsync()
        {
            var (client, _) = await loop.CreateDatagramEndpointAsync(
                () => new DatagramRecorder(), new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "client")));
            while (client.WriteBufferSize == 0)
                client.SendTo("data"u8, full.LocalEndPoint!);
            using var plan = new FaultPlan("sendto", error: 0, at: 0);

            await Asyncio.Sleep(0.05); // for real: what is tested is that the loop sleeps meanwhile

            Assert.InRange(plan.Count, 0, 50);
            client.Abort();
        }
    }

    [Theory]
    [InlineData("sendto", 1)]
    [InlineData("sendmmsg", 2)] // leave together, as they answer several
    public void A_datagram_that_has_to_wait_goes_where_it_was_sent_to(string call, int together)
    {
        var loop = NewLoop();
        loop.RunUntilComplete(MainAsync());
        loop.Close();

        async Coroutine MainAsync()
        {
            var here = new IPEndPoint(IPAddress.Loopback, 0);
            var (first, firstProtocol) = await loop.CreateDatagramEndpointAsync(() => new DatagramRecorder(), here);
            var (second, secondProtocol) = await loop.CreateDatagramEndpointAsync(() => new DatagramRecorder(), here);
            var (sender, senderProtocol) = await loop.CreateDatagramEndpointAsync(() => new DatagramRecorder(), here);
            FaultPlan? plan = null;
            senderProtocol.Then = _ =>
            {
                if (senderProtocol.Received.Count != together)
                    return;
                plan = new FaultPlan(call, error: 11, at: 1); // EAGAIN
                var remote = new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)first.LocalEndPoint!).Port);
                sender.SendTo("one"u8, remote);
                remote.Port = ((IPEndPoint)second.LocalEndPoint!).Port;
                sender.SendTo("two"u8, remote);
            };
            for (var i = 0; i < together; i++)
                first.SendTo("go"u8, sender.LocalEndPoint);
            await Eventually.UntilOnLoop(() => firstProtocol.Received.Count + secondProtocol.Received.Count == 2);
            Assert.True(plan!.HasStruck);
            plan.Dispose();
            Assert.Equal(["one"], firstProtocol.Received);
            Assert.Equal(["two"], secondProtocol.Received);
        }
    }

    [Theory]
    [InlineData("read")]
    [InlineData("write")]
    public void A_pipe_is_interrupted_unnoticed(string call) => AtEachCall(call, 4, static () => new PipeRun(), CheckUnnoticed);

    [Theory]
    [InlineData("read", 5)] // EIO
    [InlineData("read", 12)]
    [InlineData("write", 32)] // EPIPE
    [InlineData("write", 5)]
    [InlineData("write", 12)]
    [InlineData("write", 28)]
    [InlineData("epoll_ctl", 12)]
    [InlineData("epoll_ctl", 28)]
    public void A_pipe_that_breaks_tells_so(string call, int error) => AtEachCall(call, error, static () => new PipeRun(), CheckTold);

    [Fact]
    public void A_file_that_is_sent_is_interrupted_unnoticed() => AtEachCall("sendfile", 4, static () => new SendFileRun(), CheckUnnoticed);

    [Theory]
    [InlineData(5)] // EIO
    [InlineData(12)]
    [InlineData(22)] // EINVAL: at first it is sent in pieces then
    [InlineData(32)]
    [InlineData(38)] // ENOSYS
    [InlineData(75)] // EOVERFLOW
    [InlineData(95)] // EOPNOTSUPP
    [InlineData(104)]
    [InlineData(110)]
    public void A_file_that_cannot_be_sent_tells_so(int error) => AtEachCall("sendfile", error, static () => new SendFileRun(), CheckTold);

    [Theory]
    [InlineData(5)] // EIO: the disk is asked, and tells what is wrong
    [InlineData(11)] // EAGAIN: it is not there
    [InlineData(38)]
    [InlineData(95)]
    public void What_the_cache_does_not_give_is_read_from_the_disk(int error)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "on the disk");
        foreach (var loop in (EventLoop[])[new EpollEventLoop(), IoUring.NewLoop()])
        {
            using var plan = new FaultPlan("preadv2", error, at: 1);
            Assert.Equal("on the disk", loop.RunUntilComplete(ReadAsync()));
            Assert.True(plan.HasStruck);
            loop.Close();
        }
        File.Delete(path);

        async Coroutine<string> ReadAsync()
        {
            await using var file = await AsyncFile.OpenAsync(path);
            var buffer = new byte[100];
            return System.Text.Encoding.UTF8.GetString(buffer, 0, await file.ReadAsync(buffer));
        }
    }

    [Theory]
    [InlineData("recv", 4)]
    [InlineData("send", 4)]
    [InlineData("accept4", 4)]
    [InlineData("accept4", 103)] // ECONNABORTED
    public void Sockets_are_interrupted_unnoticed(string call, int error) => AtEachCall(call, error, static () => new SocketRun(), CheckUnnoticed);

    // As a sandbox does: no connection has anything to do with it.
    [Fact]
    public void Accepting_that_always_fails_for_one_connection_is_told()
    {
        using var loop = NewLoop();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var plan = new FaultPlan("accept4", 1, at: 1, length: int.MaxValue / 2); // EPERM

        var failure = Assert.Throws<SocketException>(() => loop.RunUntilComplete(loop.SockAcceptAsync(listener)));

        Assert.Equal(SocketError.AccessDenied, failure.SocketErrorCode);
    }

    [Fact]
    public void A_server_pauses_where_accepting_always_fails_for_one_connection()
    {
        using var loop = NewLoop();
        var reports = new List<ExceptionContext>();
        loop.ExceptionHandler = (_, report) => reports.Add(report);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        loop.RunUntilComplete(ServeAsync());

        Assert.Contains("Connections cannot be accepted.", Assert.Single(reports).Message);

        async Coroutine ServeAsync()
        {
            await using var server = await loop.CreateServerAsync(() => new Recorder(), "127.0.0.1", 0);
            using var plan = new FaultPlan("accept4", 1, at: 1, length: int.MaxValue / 2);
            client.Connect(server.Sockets[0].LocalEndPoint!);
            await Eventually.UntilOnLoop(() => reports.Count > 0);
            var count = plan.Count;
            await Expect.Turns(10);
            Assert.Equal(count, plan.Count);
        }
    }

    [Theory]
    [InlineData("recv", 104)]
    [InlineData("recv", 12)]
    [InlineData("send", 32)]
    [InlineData("send", 105)]
    [InlineData("accept4", 24)] // EMFILE
    [InlineData("accept4", 12)]
    [InlineData("connect", 111)]
    [InlineData("connect", 99)]
    [InlineData("epoll_ctl", 12)]
    [InlineData("epoll_ctl", 28)]
    public void Sockets_that_fail_tell_so(string call, int error) => AtEachCall(call, error, static () => new SocketRun(), CheckTold);
}
