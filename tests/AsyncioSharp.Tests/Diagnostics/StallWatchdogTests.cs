using System.Collections.Concurrent;
using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Tests.Diagnostics;

/// <summary>
/// The watchdog measures real time on a thread of its own, so these tests hold their loop up for real, until the report has come.
/// On a busy machine a loop is also held up when a test does not mean it; so each waits for the report that it wants among others,
/// and tries again if it does not come.
/// </summary>
public sealed class StallWatchdogTests
{
    private const int Attempts = 30;

    private static readonly TimeSpan s_threshold = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly List<StallReport> _reports = [];
    private readonly StructuredLog _log = new();

    [Fact]
    public void A_task_that_blocks_is_named_with_its_await_stack_while_it_blocks()
    {
        StallReport? report = null;
        Asyncio.Run(async () => await Asyncio.CreateTask(Outer(), name: "crawler"), Options());

        Assert.NotNull(report);
        Assert.True(report.Duration >= s_threshold);
        Assert.Equal("crawler", report.TaskName);
        Assert.Null(report.AwaitStack[0].File); // it runs: nobody else knows where
        Assert.True(report.AwaitStack[1].Line > 0);
        Assert.EndsWith("StallWatchdogTests.cs", report.AwaitStack[1].File);
        Assert.Contains("Task 'crawler', in StallWatchdogTests.Middle < " +
            $"StallWatchdogTests.Outer (StallWatchdogTests.cs:{report.AwaitStack[1].Line}), ", report.ToString());
        Assert.True(report.KernelFunction is null || report.ToString().Contains(report.KernelFunction));
        AwaitRecovery();
        Assert.Contains(_reports, recovered => recovered.HasRecovered && recovered.TaskName == "crawler"
            && recovered.Duration > report.Duration && recovered.ToString().EndsWith("in which task 'crawler' held it up."));

        async Coroutine Outer()
        {
            await Asyncio.Yield();
            await Middle();
        }

        async Coroutine Middle()
        {
            for (var i = 0; i < Attempts && report is null; i++)
            {
                await Inner();
                // After an await that has suspended: the frame that runs is not the one that was resumed.
                report = Block(report => !report.HasRecovered
                    && report.AwaitStack.Select(frame => frame.Method).SequenceEqual(["StallWatchdogTests.Middle", "StallWatchdogTests.Outer"])
                    && report.Kind == (OperatingSystem.IsLinux() ? StallKind.Blocked : StallKind.Unknown)
                    && report.Loop == EventLoop.Running);
            }
        }

        static async Coroutine Inner() => await Asyncio.Sleep(0.001);
    }

    [Fact]
    public void A_task_that_computes_is_told_from_one_that_blocks()
    {
        StallReport? report = null;
        Asyncio.Run(async () =>
        {
            for (var i = 0; i < Attempts && report is null; i++)
            {
                await Asyncio.Yield();
                for (var end = Environment.TickCount64 + s_patience.TotalMilliseconds; report is null && Environment.TickCount64 < end;)
                    report = Find(report => report.Kind == (OperatingSystem.IsLinux() ? StallKind.Computing : StallKind.Unknown));
            }
        }, Options());

        Assert.NotNull(report);
        Assert.Contains("Yield", report.ToString());
    }

    [Fact]
    public void A_callback_that_blocks_is_reported_without_a_task()
    {
        using var loop = new EpollEventLoop { Logger = _log, StallThreshold = s_threshold, StallHandler = Add };
        loop.CallSoon(() =>
        {
            Block(report => !report.HasRecovered);
            loop.Stop();
        });
        loop.RunForever();

        var report = Find(report => !report.HasRecovered);
        Assert.NotNull(report);
        Assert.Null(report.TaskName);
        Assert.Empty(report.AwaitStack);
        Assert.Contains("A callback ", report.ToString());
    }

    [Fact]
    public void A_loop_that_stops_out_of_a_stall_is_reported_as_recovered()
    {
        using var loop = new VirtualEventLoop { Logger = _log, StallThreshold = s_threshold, StallHandler = Add };
        loop.CallSoon(() =>
        {
            Block(report => !report.HasRecovered);
            loop.Stop();
        });
        loop.RunForever();

        AwaitRecovery();
    }

    [Fact]
    public void Every_stall_is_reported_once_and_so_is_its_end()
    {
        Asyncio.Run(async () =>
        {
            for (var i = 1; i <= 3; i++)
            {
                await Asyncio.Yield();
                Assert.NotNull(Block(_ => Count(recovered: false) >= i));
            }
        }, Options());

        AwaitRecovery();
        for (var i = 0; i < _reports.Count; i++)
            Assert.Equal(i % 2 == 1, _reports[i].HasRecovered);
    }

    [Fact]
    public void Stalls_are_logged_with_properties()
    {
        Asyncio.Run(async () =>
        {
            Asyncio.CurrentTask!.Name = "main";
            for (var i = 0; i < Attempts && Find(report => report.TaskName == "main") is null; i++)
            {
                await Asyncio.Yield();
                Block(report => report.TaskName == "main");
            }
        }, Options());
        AwaitRecovery();

        Assert.All(_log.Entries, entry => Assert.Equal(LogLevel.Warning, entry.Level));
        var stalled = _log.Entries.First(entry => entry.Text.Contains("'main'"));
        Assert.Equal((int)ReportKind.EventLoopStalled, stalled.Id.Id);
        Assert.Equal("EventLoopStalled", stalled.Id.Name);
        Assert.Equal("main", stalled.Properties["TaskName"]);
        Assert.Equal(false, stalled.Properties["HasRecovered"]);
        Assert.True((TimeSpan)stalled.Properties["Duration"]! >= s_threshold);
        var recovered = _log.Entries.Last();
        Assert.Equal("EventLoopRecovered", recovered.Id.Name);
        Assert.Equal(true, recovered.Properties["HasRecovered"]);
    }

    [Fact]
    public void A_handler_that_fails_is_reported_and_does_not_end_the_watch()
    {
        var options = Options() with
        {
            StallHandler = report =>
            {
                Add(report);
                throw new FormatException();
            },
        };
        Asyncio.Run(async () =>
        {
            for (var i = 1; i <= 2; i++)
            {
                await Asyncio.Yield();
                Assert.NotNull(Block(_ => Count(recovered: false) >= i));
            }
        }, options);
        AwaitRecovery();

        var failures = _log.Entries.Where(entry => entry.Level == LogLevel.Error).ToList();
        Assert.True(failures.Count >= 2);
        Assert.All(failures, entry => Assert.IsType<FormatException>(entry.Exception));
    }

    [Fact]
    public void Loops_on_several_threads_are_watched_at_once()
    {
        using var first = new EventLoopThread(Options());
        using var second = new EventLoopThread(Options());
        using var standing = new Barrier(2);
        var tasks = new[] { first, second }.Select(thread => thread.RunAsync(async () =>
        {
            await Asyncio.Yield();
            Assert.True(standing.SignalAndWait(s_patience * Attempts));
            Assert.NotNull(Block(_ => new[] { first, second }.All(thread => Find(report => report.Loop == thread.Loop) is not null)));
        })).ToArray();

        Assert.True(Task.WaitAll(tasks, s_patience * Attempts));
        AwaitRecovery();
    }

    [Fact]
    public void A_loop_that_waits_or_turns_is_not_reported()
    {
        using var loop = new EpollEventLoop { Logger = _log, StallThreshold = s_threshold, StallHandler = Add };
        Assert.True(GoesUnreported(() => loop.RunUntilComplete(WaitAndTurn())));

        static async Coroutine WaitAndTurn()
        {
            await Asyncio.Sleep(s_threshold * 2);
            for (var end = Environment.TickCount64 + 2 * s_threshold.TotalMilliseconds; Environment.TickCount64 < end;)
                await Asyncio.Yield();
        }
    }

    [Fact]
    public void Between_two_runs_a_loop_is_not_watched()
    {
        using var loop = new VirtualEventLoop { Logger = _log, StallThreshold = s_threshold, StallHandler = Add };
        Assert.True(GoesUnreported(() =>
        {
            loop.RunUntilComplete(Asyncio.Sleep(1));
            Thread.Sleep(s_threshold * 2); // if it were watched, this would be a stall
            loop.RunUntilComplete(Asyncio.Sleep(1));
        }));
    }

    [Fact]
    public void The_watch_can_begin_and_end_while_the_loop_runs()
    {
        Assert.True(GoesUnreported(() => Asyncio.Run(async () =>
        {
            await Asyncio.Yield();
            EventLoop.Running.StallThreshold = null;
            await Asyncio.Yield();
            Thread.Sleep(s_threshold * 2); // this would be a stall, if it were watched
        }, Options())));

        Asyncio.Run(async () =>
        {
            Assert.Null(EventLoop.Running.StallThreshold);
            EventLoop.Running.StallThreshold = s_threshold;
            await Asyncio.Yield();
            Assert.NotNull(Block(report => !report.HasRecovered));
        }, Options() with { StallThreshold = null });
        AwaitRecovery();
    }

    [Fact]
    public void Reading_a_task_that_steps_at_full_speed_does_no_harm()
    {
        // One iteration that does not end, in which a task's frames are taken from the pool and given back all the time.
        var options = Options() with { StallThreshold = TimeSpan.FromMilliseconds(2) };
        for (var i = 1; i <= 10; i++)
        {
            Asyncio.Run(async () =>
            {
                await Asyncio.Yield();
                for (var end = Environment.TickCount64 + s_patience.TotalMilliseconds; Count(recovered: false) < i && Environment.TickCount64 < end;)
                    await Deep(30);
            }, options);
        }
        AwaitRecovery();

        Assert.True(Count(recovered: false) >= 10);
        Assert.DoesNotContain(_log.Entries, entry => entry.Level == LogLevel.Error);
        var names = _reports.SelectMany(report => report.AwaitStack).Select(frame => frame.Method).Distinct();
        Assert.Empty(names.Except(["StallWatchdogTests.Deep", "StallWatchdogTests.Reading_a_task_that_steps_at_full_speed_does_no_harm (lambda)"]));

        static async Coroutine Deep(int depth)
        {
            if (depth > 0)
                await Deep(depth - 1);
        }
    }

    [Fact]
    public void A_loop_that_has_ended_is_not_kept()
    {
        var loop = Run();
        Assert.True(SpinWait.SpinUntil(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return !loop.IsAlive;
        }, s_patience * Attempts));

        // On a thread that ends, which could keep it otherwise.
        WeakReference Run()
        {
            WeakReference? weak = null;
            var thread = new Thread(() => Asyncio.Run(async () =>
            {
                weak = new WeakReference(EventLoop.Running);
                await Asyncio.Sleep(s_threshold * 2);
            }, Options()));
            thread.Start();
            thread.Join();
            return weak!;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_threshold_is_more_than_zero(int milliseconds)
    {
        using var loop = new VirtualEventLoop();
        Assert.Throws<ArgumentOutOfRangeException>(() => loop.StallThreshold = TimeSpan.FromMilliseconds(milliseconds));
    }

    private RunnerOptions Options() => new()
    {
        LoopFactory = () => new EpollEventLoop { Logger = _log },
        StallThreshold = s_threshold,
        StallHandler = Add,
    };

    // On the watchdog's thread.
    private void Add(StallReport report)
    {
        lock (_reports)
        {
            _reports.Add(report);
            Monitor.PulseAll(_reports);
        }
    }

    private StallReport? Find(Predicate<StallReport> wanted)
    {
        lock (_reports)
            return _reports.Find(wanted);
    }

    private int Count(bool recovered)
    {
        lock (_reports)
            return _reports.Count(report => report.HasRecovered == recovered);
    }

    // Holds the loop up until there is such a report.
    private StallReport? Block(Predicate<StallReport> wanted)
    {
        lock (_reports)
        {
            for (var end = Environment.TickCount64 + s_patience.TotalMilliseconds; _reports.Find(wanted) is null && Environment.TickCount64 < end;)
                Monitor.Wait(_reports, s_patience);
            return _reports.Find(wanted);
        }
    }

    // Every stall that was reported has to end.
    private void AwaitRecovery() =>
        Assert.True(SpinWait.SpinUntil(() => Count(recovered: true) == Count(recovered: false) && Count(recovered: true) > 0, s_patience * Attempts));

    // Unless the machine itself stalls, which it does not do every time.
    private bool GoesUnreported(Action body)
    {
        for (var i = 0; i < Attempts; i++)
        {
            var before = Count(recovered: false);
            body();
            if (Count(recovered: false) == before)
                return true;
        }
        return false;
    }

    private sealed class StructuredLog : ILogger
    {
        public ConcurrentQueue<Entry> Entries { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Enqueue(new(level, id, formatter(state, exception), exception, new((IEnumerable<KeyValuePair<string, object?>>)state!)));

        public sealed record Entry(LogLevel Level, EventId Id, string Text, Exception? Exception, Dictionary<string, object?> Properties);
    }
}
