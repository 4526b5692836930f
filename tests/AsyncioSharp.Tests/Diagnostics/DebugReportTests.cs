using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Tests.Diagnostics;

/// <summary>What a loop reports, in debug mode and without.</summary>
[Collection(nameof(Alone))]
public class DebugReportTests
{
    [Fact]
    public void A_slow_step_names_the_coroutine_and_the_lines_between_which_it_was()
    {
        using var loop = new VirtualEventLoop { Debug = true, SlowCallbackDuration = TimeSpan.FromMilliseconds(200) };
        var log = new Properties();
        loop.Logger = log;

        loop.RunUntilComplete(SlowAsync());

        var (level, id, properties, text) = Assert.Single(log.Entries);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Equal((int)ReportKind.SlowCallback, id.Id);
        Assert.Equal("DebugReportTests.SlowAsync", properties["Coroutine"]);
        Assert.True((double)properties["Seconds"]! >= 0.2);
        Assert.Matches(@"It went on from here:\s+async DebugReportTests.SlowAsync\(\) in .*DebugReportTests.cs:line \d+", text);
        Assert.Matches(@"And came to here:\s+async DebugReportTests.SlowAsync\(\) in .*DebugReportTests.cs:line \d+", text);
        Assert.Contains("It was made here:", text);
        var lines = System.Text.RegularExpressions.Regex.Matches(text, @"SlowAsync\(\) in .*:line (\d+)")
            .Select(match => int.Parse(match.Groups[1].Value)).ToArray();
        Assert.Equal(lines[0] + 2, lines[1]);

        static async Coroutine SlowAsync()
        {
            await Asyncio.Yield();
            Thread.Sleep(220); // real time: it is what is measured; so long that on a busy machine no other step takes as long
            await Asyncio.Sleep(1);
        }
    }

    [Fact]
    public void A_forgotten_coroutine_is_told_to_the_loop_on_which_it_was_made()
    {
        List<ExceptionContext> own = [], others = [];
        var loop = LoopTest.NewLoop(own);
        using var other = LoopTest.NewLoop(others);
        loop.Debug = other.Debug = true;
        loop.RunUntilComplete(ForgetAsync());
        GC.Collect();
        GC.WaitForPendingFinalizers();

        other.RunUntilComplete(Asyncio.Sleep(1)); // it waits, and so has the time to report
        loop.Close();

        Assert.Empty(others);
        Assert.Equal(ReportKind.CoroutineNeverAwaited, Assert.Single(own).Kind);

        static async Coroutine ForgetAsync()
        {
            Forget();
            await Asyncio.Yield();
        }

        static void Forget() => _ = Asyncio.WaitFor(Asyncio.Sleep(1), 1);
    }

    [Fact]
    public void What_the_library_calls_inside_is_not_where_a_server_was_made()
    {
        var reports = new List<ExceptionContext>();
        var loop = new EpollEventLoop { Debug = true, ExceptionHandler = (_, context) => reports.Add(context) };
        loop.RunUntilComplete(ServeAsync());
        loop.Close();

        Assert.All(Assert.Single(reports).SourceTraceback!, frame => Assert.StartsWith(nameof(DebugReportTests), frame.Method));

        static async Coroutine ServeAsync() => await Asyncio.StartServerAsync(static async (_, _) => { }, "127.0.0.1", 0);
    }

    [Fact]
    public void A_task_that_waits_when_its_loop_closes_is_reported_with_its_stack()
    {
        var reports = new List<ExceptionContext>();
        var loop = LoopTest.NewLoop(reports);
        loop.Debug = true;
        var task = loop.CreateTask(ForeverAsync(loop.CreateFuture<int>()), "forever");
        loop.RunUntilComplete(Asyncio.Yield());

        loop.Close();

        var report = Assert.Single(reports);
        Assert.Equal(ReportKind.TaskNeverEnded, report.Kind);
        Assert.Same(task, report.Future);
        Assert.Equal("forever", report.TaskName);
        Assert.Contains("Waits for: <Future pending>", report.Message);
        Assert.Matches(@"async DebugReportTests.ForeverAsync\(\) in .*DebugReportTests.cs:line \d+", report.Message);
        Assert.Contains(nameof(A_task_that_waits_when_its_loop_closes_is_reported_with_its_stack), report.SourceTraceback![0].Method);

        static async Coroutine ForeverAsync(Future future) => await future;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_exception_that_nobody_saw_is_told_once_with_the_task_and_all_of_its_frames(bool waits)
    {
        var log = new Properties();
        var loop = new VirtualEventLoop { Logger = log };
        var task = loop.CreateTask(OuterAsync(waits), "unlucky");
        loop.RunUntilComplete(Asyncio.Sleep(2));
        loop.Close();

        var (level, id, properties, text) = Assert.Single(log.Entries);
        Assert.Equal(LogLevel.Error, level);
        Assert.Equal(nameof(ReportKind.ExceptionNeverRetrieved), id.Name);
        Assert.Equal("unlucky", properties["Task"]);
        Assert.Contains("'unlucky'", text);
        Assert.Matches(@"(?s)FailAsync.*DebugReportTests.cs:line \d+.*OuterAsync.*DebugReportTests.cs:line \d+", log.Exceptions[0]!.ToString());
        Assert.IsType<FormatException>(task.Exception);

        static async Coroutine OuterAsync(bool waits) => await FailAsync(waits);

        static async Coroutine FailAsync(bool waits)
        {
            await (waits ? Asyncio.Sleep(1) : Coroutine.Completed);
            throw new FormatException();
        }
    }

    [Fact]
    public void A_report_carries_the_future_also_when_nobody_else_has_it_any_more()
    {
        var reports = new List<ExceptionContext>();
        using var loop = LoopTest.NewLoop(reports);
        loop.Debug = true;
        Abandon(loop);
        for (var i = 0; i < 5 && reports.Count == 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            loop.RunUntilComplete(Asyncio.Sleep(1));
        }

        var report = Assert.Single(reports);
        Assert.Equal(ReportKind.ExceptionNeverRetrieved, report.Kind);
        Assert.True(report.Future!.IsFaulted);
        Assert.Contains(nameof(Abandon), report.SourceTraceback![0].Method);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Abandon(EventLoop loop) => loop.CreateFuture<int>().SetException(new FormatException());
    }

    [Fact]
    public void A_failed_callback_tells_where_it_was_scheduled()
    {
        var reports = new List<ExceptionContext>();
        using var loop = LoopTest.NewLoop(reports);
        loop.Debug = true;
        loop.CallSoon(static () => throw new FormatException());
        loop.RunUntilComplete(Asyncio.Yield());

        var report = Assert.Single(reports);
        Assert.Equal(ReportKind.CallbackFailed, report.Kind);
        Assert.Contains(nameof(A_failed_callback_tells_where_it_was_scheduled), report.SourceTraceback![0].Method);
    }

    [Fact]
    public void The_wrong_thread_is_named_and_so_is_the_right_one()
    {
        LoopTest.Run(async () =>
        {
            var loop = EventLoop.Running;
            var own = Environment.CurrentManagedThreadId;
            var (mistake, other) = await Asyncio.ToThread(() =>
                (Assert.Throws<InvalidOperationException>(() => { loop.CallSoon(() => { }); }), Environment.CurrentManagedThreadId));
            Assert.Matches($@"runs on another thread \(thread .*\b{own}\b", mistake.Message);
            Assert.Matches($@"from here \(thread .*\b{other}\b", mistake.Message);
        }, debug: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_connection_or_server_that_was_not_closed_is_reported_in_debug_mode(bool debug)
    {
        var reports = new List<ExceptionContext>();
        var loop = EventLoop.New();
        loop.Debug = debug;
        loop.ExceptionHandler = (_, report) => reports.Add(report);
        loop.RunUntilComplete(OpenAsync());

        loop.Close();

        if (debug)
        {
            Assert.All(reports, report => Assert.Equal(ReportKind.NeverClosed, report.Kind));
            Assert.Equal(3, reports.Count); // both ends of the connection, and the listener
            Assert.Contains(reports, report => report.Source is Transport
                && report.SourceTraceback!.Any(frame => frame.Method.EndsWith(nameof(OpenAsync), StringComparison.Ordinal)));
        }
        else
        {
            Assert.Empty(reports);
        }

        static async Coroutine OpenAsync()
        {
            var server = await Asyncio.StartServerAsync(static async (_, _) => await Coroutine.Completed, "127.0.0.1", 0);
            await Asyncio.OpenConnectionAsync("127.0.0.1", ((System.Net.IPEndPoint)server.Sockets[0].LocalEndPoint!).Port);
            while (server.ClientCount == 0)
                await Asyncio.Sleep(0.001);
        }
    }

    private sealed class Properties : ILogger
    {
        public List<(LogLevel Level, EventId Id, Dictionary<string, object?> Properties, string Text)> Entries { get; } = [];

        public List<Exception?> Exceptions { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Entries.Add((level, id, ((IEnumerable<KeyValuePair<string, object?>>)state!).ToDictionary(), formatter(state, exception)));
            Exceptions.Add(exception);
        }
    }
}
