using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Faults;

/// <summary>
/// Each system call of a loop for Linux fails for connections, with every error it can have, at each of its calls in turn. Every run ends in a
/// defined state: bytes in order, nothing twice, no descriptor left, and whoever waited was told.
/// </summary>
/// <remarks>EAGAIN and short counts are not made up here: an edge-triggered loop relies on the kernel to tell when that is
/// over. The other tests have them from the kernel. Nor is ENOTCONN for shutdown, which means that there is nobody to wait
/// for any more.</remarks>
public abstract class FaultTests : FaultMatrix
{
    /// <summary>What a call that fails so does not even interrupt.</summary>
    public static readonly TheoryData<string, int> Harmless = new()
    {
        { "recv", 4 }, // EINTR
        { "send", 4 },
        { "accept4", 4 },
        { "accept4", 103 }, // ECONNABORTED
        { "accept4", 71 }, // EPROTO
        { "accept4", 100 }, // ENETDOWN
        { "accept4", 113 }, // EHOSTUNREACH
        { "epoll_wait epoll_pwait2", 4 },
    };

    /// <summary>What breaks a connection, or an attempt to make one.</summary>
    public static readonly TheoryData<string, int> Breaking = new()
    {
        { "recv", 104 }, // ECONNRESET
        { "recv", 110 }, // ETIMEDOUT
        { "recv", 113 }, // EHOSTUNREACH
        { "recv", 12 }, // ENOMEM
        { "recv", 105 }, // ENOBUFS
        { "recv", 107 }, // ENOTCONN
        { "recv", 5 }, // EIO
        { "send", 104 },
        { "send", 32 }, // EPIPE
        { "send", 110 },
        { "send", 113 },
        { "send", 100 }, // ENETDOWN
        { "send", 101 }, // ENETUNREACH
        { "send", 12 },
        { "send", 105 },
        { "send", 1 }, // EPERM: a firewall
        { "connect", 111 }, // ECONNREFUSED
        { "connect", 110 },
        { "connect", 101 },
        { "connect", 113 },
        { "connect", 99 }, // EADDRNOTAVAIL: no ports left
        { "connect", 13 }, // EACCES
        { "connect", 1 },
        { "connect", 11 }, // EAGAIN: no room in the route's cache
        { "epoll_ctl", 12 },
        { "epoll_ctl", 28 }, // ENOSPC: too many watches for this user
    };

    /// <summary>What a loop cannot go on after: it says so, and can be closed.</summary>
    public static readonly TheoryData<string, int> Fatal = new()
    {
        { "epoll_create1", 24 }, // EMFILE
        { "epoll_create1", 23 }, // ENFILE
        { "epoll_create1", 12 },
        { "eventfd", 24 },
        { "eventfd", 12 },
        { "epoll_wait epoll_pwait2", 9 }, // EBADF
        { "epoll_wait epoll_pwait2", 22 }, // EINVAL
        { "epoll_wait epoll_pwait2", 14 }, // EFAULT
    };

    [Theory]
    [MemberData(nameof(Harmless))]
    public void Nobody_notices(string call, int error) => AtEachCall(call, error, static () => new EchoRun(tls: false), CheckUnnoticed);

    [Theory]
    [MemberData(nameof(Breaking))]
    public void Whoever_is_concerned_is_told(string call, int error) => AtEachCall(call, error, static () => new EchoRun(tls: false), CheckTold);

    [Theory]
    [InlineData("recv", 104)]
    [InlineData("recv", 110)]
    [InlineData("send", 32)]
    [InlineData("send", 105)]
    [InlineData("epoll_ctl", 12)]
    public void Whoever_is_concerned_is_told_over_tls_too(string call, int error) =>
        AtEachCall(call, error, static () => new EchoRun(tls: true), CheckTold);

    [Theory]
    [MemberData(nameof(Fatal))]
    public void The_loop_says_so(string call, int error) =>
        AtEachCall(call, error, static () => new EchoRun(tls: false), static run => Assert.IsType<SocketException>(run.Failure));

    [Theory]
    [InlineData(24)] // EMFILE
    [InlineData(23)] // ENFILE
    [InlineData(105)] // ENOBUFS
    [InlineData(12)] // ENOMEM
    public void A_server_without_resources_accepts_later(int error)
    {
        using var plan = new FaultPlan("accept4", error, at: 1);

        var run = Run(static () => new EchoRun(tls: false)); // it takes a second

        Assert.True(plan.HasStruck);
        Assert.Null(run.Failure);
        Assert.True(run.IsWhole);
        Assert.Contains("tried again", Assert.Single(run.Reports).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("recv")]
    [InlineData("send")]
    [InlineData("accept4")]
    public void A_storm_of_signals_interrupts_nothing(string call)
    {
        using var plan = new FaultPlan(call, error: 4, at: 2, length: 1000);

        var run = Run(static () => new EchoRun(tls: false));

        Assert.True(plan.HasStruck);
        Assert.Null(run.Failure);
        Assert.True(run.IsWhole);
    }

    [Fact]
    public void A_server_that_was_full_and_cannot_be_watched_again_is_tried_later()
    {
        var reports = new List<ExceptionContext>();
        using var loop = NewLoop();
        loop.ExceptionHandler = (_, report) => reports.Add(report);
        loop.RunUntilComplete(MainAsync()); // it takes a second
        Assert.Contains("tried again", Assert.Single(reports).Message, StringComparison.Ordinal);

        async Coroutine MainAsync()
        {
            await using var server = await Asyncio.StartServerAsync(EchoLineAsync, "127.0.0.1", 0, new ServerOptions { MaxConnections = 1 });
            var port = ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port;
            using (var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
            {
                first.Connect(IPAddress.Loopback, port);
                while (server.ClientCount == 0)
                    await Asyncio.Yield();
                using var plan = new FaultPlan("epoll_ctl", error: 12, at: 1, length: 1); // when accepting begins again
                first.Dispose();
                while (server.ClientCount > 0 || plan.Count == 0)
                    await Asyncio.Yield();
                Assert.Equal(1, plan.Count);
            }
            var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", port);
            await using (writer)
            {
                writer.Write("line\n"u8);
                Assert.Equal("line\n"u8.ToArray(), await reader.ReadLineAsync());
            }
        }

        static async Coroutine EchoLineAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            await using (writer)
                writer.Write(await reader.ReadLineAsync());
        }
    }
}

[Collection(nameof(Alone))]
public sealed class EpollFaultTests : FaultTests
{
    protected override EventLoop NewLoop() => new EpollEventLoop();
}
