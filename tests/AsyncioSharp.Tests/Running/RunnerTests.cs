using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Tests;

public sealed class RunnerTests
{
    private static readonly RunnerOptions s_options = new() { LoopFactory = () => new VirtualEventLoop(), HandleInterrupt = false };

    [Fact]
    [CPythonTest("test_runners.py", "RunnerTests", "test_run")]
    public void Runs_several_programs_on_one_loop()
    {
        EventLoop loop;
        using (var runner = new Runner(s_options))
        {
            Assert.Equal("done", runner.Run(Main("done")));
            loop = runner.Loop;
            Assert.Equal("again", runner.Run(Main("again")));
            Assert.Same(loop, runner.Loop);
            Assert.False(loop.IsClosed);
        }
        Assert.True(loop.IsClosed);

        static async Coroutine<string> Main(string result)
        {
            await Asyncio.Yield();
            return result;
        }
    }

    [Fact]
    public void Cannot_be_closed_while_it_runs_but_afterwards()
    {
        var ended = false;
        var runner = new Runner(s_options);

        runner.Run(async () =>
        {
            _ = Asyncio.CreateTask(StayAsync());
            await Asyncio.Yield();
            Assert.Throws<InvalidOperationException>(runner.Dispose);
        });
        Assert.False(runner.Loop.IsClosed);
        var loop = runner.Loop;
        runner.Dispose();

        Assert.True(ended);
        Assert.True(loop.IsClosed);

        async Coroutine StayAsync()
        {
            try
            {
                await Asyncio.Sleep(3600);
            }
            finally
            {
                ended = true;
            }
        }
    }

    [Fact]
    public void Cancelled_tasks_can_be_waited_for_without_a_report_at_all()
    {
        var ended = false;

        Asyncio.Run(async () =>
        {
            _ = Asyncio.CreateTask(StayAsync());
            await Asyncio.Yield();
        }, s_options with { UnansweredReportDelay = TimeSpan.MaxValue });

        Assert.True(ended);

        async Coroutine StayAsync()
        {
            try
            {
                await Asyncio.Sleep(3600);
            }
            finally
            {
                await Asyncio.Yield();
                ended = true;
            }
        }
    }

    [Fact]
    public void Takes_async_lambdas_and_begins_them_on_its_loop()
    {
        using var runner = new Runner(s_options);
        EventLoop? loop = null;

        runner.Run(async () =>
        {
            loop = EventLoop.Running;
            await Asyncio.Yield();
            Assert.Contains(nameof(Takes_async_lambdas_and_begins_them_on_its_loop), Asyncio.CurrentTask!.CoroutineName);
        });

        Assert.Same(runner.Loop, loop);
        Assert.Equal(7, runner.Run(async () => await Asyncio.Sleep(1.0, 7)));
        Assert.Throws<ArgumentNullException>(() => runner.Run((Func<Coroutine>)null!));
    }

    [Fact]
    public void Says_what_is_wrong_when_it_is_closed_or_gets_no_loop()
    {
        var runner = new Runner(s_options);
        runner.Dispose();
        Assert.Contains("The runner is closed", Assert.Throws<ObjectDisposedException>(() => runner.Loop).Message);

        using var without = new Runner(new RunnerOptions { LoopFactory = () => null! });
        Assert.Contains("LoopFactory", Assert.Throws<InvalidOperationException>(() => without.Loop).Message);
    }

    [Fact]
    public void A_task_that_cannot_be_cancelled_because_dotnet_is_not_told_is_reported_by_name()
    {
        var (source, reports) = (new TaskCompletionSource(), new List<ExceptionContext>());
        var runner = new Runner(s_options with { UnansweredReportDelay = TimeSpan.FromMilliseconds(1) });
        AsyncioTask? stubborn = null;
        runner.Loop.ExceptionHandler = (_, report) =>
        {
            reports.Add(report);
            source.TrySetResult();
        };
        runner.Run(StartAsync());

        runner.Dispose(); // would wait for ever

        var report = Assert.Single(reports);
        Assert.Equal((ReportKind.CancellationUnanswered, stubborn), (report.Kind, report.Future));
        Assert.StartsWith("Task 'stubborn' was cancelled, and the run cannot end before it has. It waits for a .NET task, Task ", report.Message);
        Assert.Contains(nameof(WaitAsync), report.Message);
        Assert.True(stubborn!.IsCanceled);

        async Coroutine StartAsync()
        {
            stubborn = Asyncio.CreateTask(WaitAsync(), "stubborn");
            _ = Asyncio.CreateTask(CleanUpAsync(), "busy");
            await Asyncio.Yield();
        }

        async Coroutine WaitAsync() => await source.Task;

        // What waits for the loop is no matter of .NET's, also if it takes as long.
        async Coroutine CleanUpAsync()
        {
            try
            {
                await Asyncio.Sleep(1000);
            }
            finally
            {
                while (!stubborn!.IsCompleted)
                    await Asyncio.Sleep(1);
            }
        }
    }

    [Fact]
    [CPythonTest("test_runners.py", "RunnerTests", "test_explicit_close")]
    [CPythonTest("test_runners.py", "RunnerTests", "test_double_close")]
    [CPythonTest("test_runners.py", "RunnerTests", "test_second_with_block_raises")]
    public void Once_disposed_it_runs_nothing_any_more()
    {
        var runner = new Runner(s_options);
        var loop = runner.Loop;

        runner.Dispose();
        runner.Dispose();

        Assert.True(loop.IsClosed);
        Assert.Throws<ObjectDisposedException>(() => runner.Loop);
        Assert.Throws<ObjectDisposedException>(() => runner.Run(Asyncio.Yield()));
    }

    [Fact]
    public void Makes_nothing_before_it_is_needed()
    {
        var made = 0;
        var options = s_options with
        {
            LoopFactory = () =>
            {
                made++;
                return new VirtualEventLoop();
            },
        };

        new Runner(options).Dispose();

        Assert.Equal(0, made);
    }

    [Fact]
    [CPythonTest("test_runners.py", "RunnerTests", "test_run_keeps_context")]
    public void Keeps_what_programs_write_to_their_context()
    {
        var local = new AsyncLocal<int>();
        using var runner = new Runner(s_options);

        Assert.Equal(0, runner.Run(Exchange(1)));
        Assert.Equal(1, runner.Run(Exchange(2)));
        Assert.Equal(2, runner.Run(Exchange(3)));

        Assert.Equal(0, local.Value); // the caller's own is untouched

        async Coroutine<int> Exchange(int value)
        {
            var old = local.Value;
            await Asyncio.Yield();
            local.Value = value;
            return old;
        }
    }

    [Fact]
    public void Runs_a_program_in_the_context_given()
    {
        var local = new AsyncLocal<int> { Value = 5 };
        var context = ExecutionContext.Capture();
        local.Value = 6;
        using var runner = new Runner(s_options);

        Assert.Equal(5, runner.Run(Read(), context));
        Assert.Equal(6, local.Value);

        async Coroutine<int> Read() => local.Value;
    }

    [Fact]
    public void Tasks_live_on_between_the_programs()
    {
        var steps = 0;
        using var runner = new Runner(s_options);

        runner.Run(Start());
        var before = steps;
        runner.Run(Asyncio.Sleep(10));

        Assert.InRange(before, 0, 1);
        Assert.InRange(steps, 9, 11);

        async Coroutine Start() => Asyncio.CreateTask(Count()).Name = "counter";

        async Coroutine Count()
        {
            for (; ; steps++)
                await Asyncio.Sleep(1);
        }
    }

    [Fact]
    public void A_failed_program_does_not_harm_the_next()
    {
        using var runner = new Runner(s_options);

        Assert.Throws<FormatException>(() => runner.Run(Coroutine.FromException(new FormatException())));
        Assert.Equal(1, runner.Run(Coroutine.FromResult(1)));
    }

    [Fact]
    public void Closes_the_loop_although_an_executor_function_does_not_end()
    {
        using var never = new ManualResetEventSlim();
        var loop = new VirtualEventLoop();
        var log = new LogRecorder();
        var options = s_options with { LoopFactory = () => loop, ExecutorShutdownTimeout = TimeSpan.Zero, LoggerFactory = log };

        using (var runner = new Runner(options))
            runner.Run(Start());

        Assert.True(loop.IsClosed);
        Assert.Contains("still run", Assert.Single(log.Messages));
        never.Set();

        async Coroutine Start() => _ = EventLoop.Running.RunInExecutor(null, () => never.Wait(TimeSpan.FromSeconds(30)));
    }

    [Theory]
    [InlineData(1, false, "1 function that runs on another thread: it waits for it, for at most ")]
    [InlineData(2, false, "2 functions that run on other threads: it waits for them, for at most ")]
    [InlineData(2, true, "2 functions that run on other threads: it waits for them. ")] // while the clock stands still
    public void Functions_on_other_threads_that_hold_up_the_end_are_reported(int count, bool isVirtual, string expected)
    {
        using var reported = new ManualResetEventSlim();
        var reports = new List<ExceptionContext>();
        var runner = new Runner(s_options with
        {
            LoopFactory = isVirtual ? s_options.LoopFactory : EventLoop.New,
            UnansweredReportDelay = TimeSpan.FromMilliseconds(1),
        });
        runner.Loop.ExceptionHandler = (_, report) =>
        {
            reports.Add(report);
            reported.Set();
        };
        runner.Run(StartAsync());

        runner.Dispose(); // would wait for minutes

        var report = Assert.Single(reports);
        Assert.Equal(ReportKind.FunctionsUnfinished, report.Kind);
        Assert.Contains(expected, report.Message);
        Assert.Contains("RunnerOptions.ExecutorShutdownTimeout", report.Message);

        async Coroutine StartAsync()
        {
            for (var i = 0; i < count; i++)
                _ = Asyncio.CreateTask(Asyncio.ToThread(() => reported.Wait(Eventually.Patience)));
            await Asyncio.Yield();
            await Asyncio.Yield();
        }
    }

    [Fact]
    public void Functions_that_are_left_alone_before_they_would_be_reported_are_not()
    {
        using var never = new ManualResetEventSlim();
        var reports = new List<ExceptionContext>();
        var runner = new Runner(s_options with { UnansweredReportDelay = TimeSpan.Zero, ExecutorShutdownTimeout = TimeSpan.Zero });
        runner.Loop.ExceptionHandler = (_, report) => reports.Add(report);
        runner.Loop.Logger = new LogRecorder();
        runner.Run(StartAsync());

        runner.Dispose();

        Assert.Empty(reports);
        never.Set();

        async Coroutine StartAsync() => _ = EventLoop.Running.RunInExecutor(null, () => never.Wait(Eventually.Patience));
    }

    private sealed class LogRecorder : ILoggerFactory, ILogger
    {
        public List<string> Messages { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) { }

        public void Dispose() { }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Add(formatter(state, exception));
    }

    [Fact]
    public void Tasks_that_cancel_all_others_when_they_clean_up_do_not_cut_off_the_end_of_the_run()
    {
        var cleanedUp = 0;

        LoopTest.Run(async () =>
        {
            for (var i = 0; i < 150; i++)
                _ = Asyncio.CreateTask(CancelsAll.WaitAsync(() => cleanedUp++, before: i * 0.01, after: 1.0));
            await Asyncio.Sleep(1.0);
        });

        Assert.Equal(150, cleanedUp);
    }

    [Fact]
    public void A_task_that_cancels_others_while_the_executor_ends_does_not_cut_that_off()
    {
        using var leave = new ManualResetEventSlim();
        var cleanedUp = false;

        Asyncio.Run(async () =>
        {
            var loop = EventLoop.Running;
            _ = loop.RunInExecutor(null, () =>
            {
                leave.Wait();
                var begun = new ManualResetEventSlim();
                loop.CallSoonThreadsafe(() =>
                {
                    // Eagerly: the end may be looking for what has begun meanwhile, and what it cancels before the first step never runs.
                    var cleanUp = Asyncio.CreateTask(CleanUpAsync(), eagerStart: true);
                    _ = Asyncio.CreateTask(CancelAllButAsync(cleanUp, begun), eagerStart: true);
                });
                begun.Wait();
            });
            _ = Asyncio.CreateTask(LeaveAsync());
            await Asyncio.Yield();
        });

        Assert.True(cleanedUp);

        async Coroutine LeaveAsync()
        {
            try
            {
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                leave.Set(); // the last that is left: from here on the end waits for the executor
            }
        }

        async Coroutine CleanUpAsync()
        {
            try
            {
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                await Asyncio.Sleep(0.01);
                cleanedUp = true;
            }
        }

        static async Coroutine CancelAllButAsync(AsyncioTask one, ManualResetEventSlim begun)
        {
            foreach (var task in Asyncio.AllTasks().Where(task => task != one && task != Asyncio.CurrentTask))
                task.Cancel();
            begun.Set();
        }
    }
}
