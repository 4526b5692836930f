using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Streams;

/// <summary>Runs that cannot end because a peer of their server does not read.</summary>
public abstract class ServerEndTests : IDisposable
{
    // Real time, as the report is: in it the server is told that it is to end, and begins to wait.
    private static readonly TimeSpan s_untilItWaits = TimeSpan.FromMilliseconds(300);

    private readonly Func<EventLoop> _newLoop;
    private readonly List<ExceptionContext> _reports = [];
    private readonly Timer _watchdog;
    private Socket? _peer;
    private IPEndPoint? _address;

    protected ServerEndTests(Func<EventLoop> newLoop)
    {
        _newLoop = newLoop;
        _watchdog = new Timer(_ => _peer?.Dispose(), null, Eventually.Patience, Timeout.InfiniteTimeSpan); // without a report the run would not end
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        _peer?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_server_that_waits_for_a_peer_that_does_not_read_is_reported_at_the_end_of_the_run()
    {
        Asyncio.Run(MainAsync, Options(s_untilItWaits));

        AssertReported("server");

        async Coroutine MainAsync()
        {
            var begun = new AsyncEvent();
            _ = Asyncio.CreateTask(ServeAsync(begun), "server");
            await begun.WaitAsync();
        }
    }

    [Fact]
    public void So_it_is_when_the_program_is_cancelled()
    {
        var host = new Hosts.TestHost();
        GuestRun? run = null;
        run = Asyncio.StartGuestRun(MainAsync, host.Take, null, Options(s_untilItWaits));

        Assert.ThrowsAny<OperationCanceledException>(() => host.Run(run));

        AssertReported("main");

        async Coroutine MainAsync()
        {
            Asyncio.CurrentTask!.Name = "main";
            var begun = new AsyncEvent();
            _ = Asyncio.CreateTask(CancelAsync());
            await ServeAsync(begun);

            async Coroutine CancelAsync()
            {
                await begun.WaitAsync();
                run!.Cancel();
            }
        }
    }

    [Fact]
    public void A_server_that_gives_its_connections_a_time_is_not_reported()
    {
        Asyncio.Run(MainAsync, Options(TimeSpan.FromMilliseconds(20)));

        Assert.Empty(_reports);

        async Coroutine MainAsync()
        {
            var begun = new AsyncEvent();
            _ = Asyncio.CreateTask(ShutDownAsync(begun), "server");
            await begun.WaitAsync();
        }

        async Coroutine ShutDownAsync(AsyncEvent begun)
        {
            var server = await StartAsync(begun);
            try
            {
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                Assert.Equal(1, await server.ShutdownAsync(TimeSpan.FromMilliseconds(400)));
            }
        }
    }

    private void AssertReported(string task)
    {
        var report = Assert.Single(_reports);
        Assert.Equal(ReportKind.CancellationUnanswered, report.Kind);
        Assert.Equal(task, Assert.IsAssignableFrom<AsyncioTask>(report.Future).Name);
        Assert.StartsWith($"Task '{task}' was cancelled, and the run cannot end before it has. ", report.Message);
        Assert.Contains($"1 connection of <Server {_address}>", report.Message);
        Assert.Contains("ShutdownAsync(grace)", report.Message);
    }

    private async Coroutine ServeAsync(AsyncEvent begun)
    {
        var server = await StartAsync(begun);
        await server.ServeForeverAsync();
    }

    // Tells when there is a connection with more to send than its peer will take.
    private async Coroutine<Server> StartAsync(AsyncEvent begun)
    {
        var server = await Asyncio.StartServerAsync(async (_, writer) =>
        {
            writer.Write(new byte[32 * 1024 * 1024]);
            begun.Set();
            await Asyncio.Sleep(TimeSpan.MaxValue);
        }, "127.0.0.1", 0);
        _address = (IPEndPoint)server.Sockets[0].LocalEndPoint!;
        _peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _peer.Connect(_address);
        return server;
    }

    // What is reported ends then: else the run would wait for ever.
    private RunnerOptions Options(TimeSpan delay) => new()
    {
        HandleInterrupt = false,
        UnansweredReportDelay = delay,
        LoopFactory = () =>
        {
            var loop = _newLoop();
            loop.ExceptionHandler = (_, report) =>
            {
                _reports.Add(report);
                _peer!.Dispose();
            };
            return loop;
        },
    };
}

public sealed class EpollServerEndTests() : ServerEndTests(() => new EpollEventLoop());

public sealed class IoUringServerEndTests() : ServerEndTests(IoUring.NewLoop);

public sealed class PortableServerEndTests() : ServerEndTests(() => new PortableEventLoop());
