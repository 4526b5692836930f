using System.Net.Sockets;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Faults;

/// <summary>
/// Each system call of the epoll loop fails, with every error it can have, at each of its calls in turn. Every run ends in a
/// defined state: bytes in order, nothing twice, no descriptor left, and whoever waited was told.
/// </summary>
/// <remarks>EAGAIN and short counts are not made up here: an edge-triggered loop relies on the kernel to tell when that is
/// over. The other tests have them from the kernel. Nor is ENOTCONN for shutdown, which means that there is nobody to wait
/// for any more.</remarks>
[Collection(nameof(Alone))]
public sealed class FaultTests
{
    // How many places in turn: the first ones each, later ones here and there.
    private const int Each = 24;
    private const int Places = 40;

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
    };

    [Theory]
    [MemberData(nameof(Harmless))]
    public void Nobody_notices(string call, int error) => AtEachCall(call, error, static run =>
    {
        Assert.Null(run.Failure);
        Assert.True(run.IsWhole);
        Assert.Empty(run.Reports);
    });

    [Theory]
    [MemberData(nameof(Breaking))]
    public void Whoever_is_concerned_is_told(string call, int error) => AtEachCall(call, error, CheckTold);

    [Theory]
    [InlineData("recv", 104)]
    [InlineData("recv", 110)]
    [InlineData("send", 32)]
    [InlineData("send", 105)]
    [InlineData("epoll_ctl", 12)]
    public void Whoever_is_concerned_is_told_over_tls_too(string call, int error) => AtEachCall(call, error, tls: true, check: CheckTold);

    [Theory]
    [MemberData(nameof(Fatal))]
    public void The_loop_says_so(string call, int error) => AtEachCall(call, error, static run =>
    {
        Assert.IsType<SocketException>(run.Failure);
    });

    [Theory]
    [InlineData(24)] // EMFILE
    [InlineData(23)] // ENFILE
    [InlineData(105)] // ENOBUFS
    [InlineData(12)] // ENOMEM
    public void A_server_without_resources_accepts_later(int error)
    {
        using var plan = new FaultPlan("accept4", error, at: 1);

        var run = EchoRun.Do(); // it takes a second

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

        var run = EchoRun.Do();

        Assert.True(plan.HasStruck);
        Assert.Null(run.Failure);
        Assert.True(run.IsWhole);
    }

    private static void CheckTold(EchoRun run)
    {
        // One connection of two is struck, so that either can fail, or the server's side has something to report.
        if (run.Failure is AggregateException group)
            Assert.All(group.Flatten().InnerExceptions, static failure => Assert.True(failure is IOException or SocketException, failure.ToString()));
        else
            Assert.True(run.Failure is null or IOException or SocketException, run.Failure?.ToString());
        Assert.True(run.IsWhole || run.Failure is not null || run.Reports.Count > 0, "Bytes are missing, and nobody was told.");
    }

    private static void AtEachCall(string call, int error, Action<EchoRun> check, bool tls = false)
    {
        int count;
        using (var plan = new FaultPlan(call, error, at: 0))
        {
            var run = EchoRun.Do(tls);
            Assert.Null(run.Failure);
            Assert.True(run.IsWhole);
            count = plan.Count;
        }
        Assert.NotEqual(0, count);
        var descriptors = Descriptors.Count();
        var step = Math.Max(1, (count - Each) / (Places - Each));
        for (var at = 1; at <= count; at += at < Each ? 1 : step)
        {
            using var plan = new FaultPlan(call, error, at);
            var run = EchoRun.Do(tls);
            if (plan.HasStruck) // with other timing there can be fewer calls
                check(run);
        }
        Assert.Equal(descriptors, Descriptors.Count());
    }
}
