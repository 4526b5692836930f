using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed class RunTests
{
    private readonly List<ExceptionContext> _reports = [];

    private RunnerOptions Options => new() { LoopFactory = () => LoopTest.NewLoop(_reports), HandleInterrupt = false };

    [Fact]
    [CPythonTest("test_runners.py", "RunTests", "test_asyncio_run_return")]
    public void Returns_what_the_program_returns()
    {
        Assert.Equal(42, Asyncio.Run(Main(), Options));
        Assert.Equal(42, Asyncio.Run(Main, Options));

        static async Coroutine<int> Main()
        {
            await Asyncio.Yield();
            return 42;
        }
    }

    [Fact]
    [CPythonTest("test_runners.py", "RunTests", "test_asyncio_run_raises")]
    public void Throws_what_the_program_throws()
    {
        var failure = Assert.Throws<FormatException>(() => Asyncio.Run(Main(), Options));

        Assert.Equal("spam", failure.Message);
        Assert.Contains(nameof(Main), failure.StackTrace);
        Assert.Empty(_reports);

        static async Coroutine Main()
        {
            await Asyncio.Yield();
            throw new FormatException("spam");
        }
    }

    [Fact]
    public void Throws_when_the_program_cancels_itself()
    {
        Assert.Throws<CanceledException>(() => Asyncio.Run(Main(), Options));

        static async Coroutine Main()
        {
            Asyncio.CurrentTask!.Cancel();
            await Asyncio.Yield();
        }
    }

    [Theory]
    [CPythonTest("test_runners.py", "RunTests", "test_asyncio_run_debug")]
    [CPythonTest("test_runners.py", "RunnerTests", "test_debug")]
    [CPythonTest("test_runners.py", "RunnerTests", "test_non_debug")]
    [InlineData(false)]
    [InlineData(true)]
    public void Sets_debug_mode(bool debug)
    {
        Asyncio.Run(async () => Assert.Equal(debug, EventLoop.Running.Debug), Options with { Debug = debug });

        using var runner = new Runner(Options with { Debug = debug });
        Assert.Equal(debug, runner.Loop.Debug);
    }

    [Fact]
    [CPythonTest("test_runners.py", "RunTests", "test_asyncio_run_from_running_loop")]
    [CPythonTest("test_runners.py", "RunnerTests", "test_recursive_run")]
    public void Inside_a_loop_it_says_what_to_do() => Asyncio.Run(async () =>
    {
        var made = 0;
        var options = Options with { LoopFactory = () => throw new NotSupportedException($"{made++}") };

        var fromRun = Assert.Throws<InvalidOperationException>(() => Asyncio.Run(async () => { }, options));
        using var runner = new Runner(options);
        var fromRunner = Assert.Throws<InvalidOperationException>(() => runner.Run(Asyncio.Yield()));

        Assert.Contains("Await the coroutine instead", fromRun.Message);
        Assert.Contains("Await the coroutine instead", fromRunner.Message);
        Assert.Equal(0, made); // found out before anything was made
        await Asyncio.Yield();
    }, Options);

    [Fact]
    [CPythonTest("test_runners.py", "RunTests", "test_asyncio_run_cancels_hanging_tasks")]
    public void Cancels_the_tasks_left_and_waits_for_them()
    {
        AsyncioTask? left = null;
        var cleanedUp = false;

        Assert.Equal(123, Asyncio.Run(Main(), Options));

        Assert.True(left!.IsCanceled);
        Assert.True(cleanedUp);
        Assert.Empty(_reports);

        async Coroutine<int> Main()
        {
            left = Asyncio.CreateTask(Leftover());
            await Asyncio.Yield();
            return 123;
        }

        async Coroutine Leftover()
        {
            try
            {
                await Asyncio.Sleep(0.1);
            }
            finally
            {
                await Asyncio.Sleep(1000);
                cleanedUp = true;
            }
        }
    }

    [Fact]
    public void Tasks_that_begin_while_others_clean_up_are_cancelled_and_waited_for_as_well()
    {
        var cleanedUp = false;

        Asyncio.Run(Main(), Options);

        Assert.True(cleanedUp);
        Assert.Empty(_reports);

        async Coroutine Main()
        {
            _ = Asyncio.CreateTask(Leftover());
            await Asyncio.Yield();
        }

        async Coroutine Leftover()
        {
            try
            {
                await Asyncio.Sleep(0.1);
            }
            finally
            {
                _ = Asyncio.CreateTask(Successor());
                await Asyncio.Sleep(1);
            }
        }

        async Coroutine Successor()
        {
            try
            {
                await Asyncio.Sleep(1000);
            }
            finally
            {
                await Asyncio.Sleep(1);
                cleanedUp = true;
            }
        }
    }

    [Fact]
    public void What_the_last_iteration_schedules_is_run_before_the_end()
    {
        var ran = false;

        Asyncio.Run(Main(), Options);

        Assert.True(ran);

        async Coroutine Main()
        {
            var loop = EventLoop.Running;
            await Asyncio.Yield();
            loop.CallSoon(() => loop.CallSoon(() => ran = true));
        }
    }

    [Fact]
    public void Tasks_that_always_begin_another_do_not_hold_up_the_end_for_ever()
    {
        Asyncio.Run(Main(), Options);

        var report = Assert.Single(_reports);
        Assert.Equal(ReportKind.TaskNeverEnded, report.Kind);
        Assert.Contains(nameof(Respawning), report.Message, StringComparison.Ordinal);

        static async Coroutine Main()
        {
            _ = Asyncio.CreateTask(Respawning());
            await Asyncio.Yield();
        }

        static async Coroutine Respawning()
        {
            try
            {
                await Asyncio.Sleep(1000);
            }
            finally
            {
                _ = Asyncio.CreateTask(Respawning());
                await Asyncio.Sleep(1); // it has begun meanwhile
            }
        }
    }

    [Fact]
    [CPythonTest("test_runners.py", "RunTests", "test_asyncio_run_reports_hanging_tasks_errors")]
    public void Reports_what_fails_in_the_tasks_left()
    {
        AsyncioTask? left = null;

        Assert.Equal(123, Asyncio.Run(Main(), Options));

        Assert.True(left!.IsFaulted);
        var report = Assert.Single(_reports);
        Assert.IsType<DivideByZeroException>(report.Exception);
        Assert.Same(left, report.Future);

        async Coroutine<int> Main()
        {
            left = Asyncio.CreateTask(Leftover());
            await Asyncio.Yield();
            return 123;
        }

        static async Coroutine Leftover()
        {
            try
            {
                await Asyncio.Sleep(0.1);
            }
            catch (CanceledException)
            {
                throw new DivideByZeroException();
            }
        }
    }

    [Fact]
    [CPythonTest("test_runners.py", "RunTests", "test_asyncio_run_closes_gens_after_hanging_tasks_errors")]
    public void Iterators_in_the_tasks_left_clean_up_although_the_program_failed()
    {
        var cleanedUp = false;

        Assert.Throws<FormatException>(() => Asyncio.Run(Main(), Options));

        Assert.True(cleanedUp);
        Assert.IsType<DivideByZeroException>(Assert.Single(_reports).Exception);

        async Coroutine Main()
        {
            Asyncio.CreateTask(Spin()).Name = "spinner";
            await Asyncio.Yield();
            throw new FormatException();
        }

        async Coroutine Spin()
        {
            try
            {
                await foreach (var _ in Fidget())
                {
                }
            }
            catch (CanceledException)
            {
                throw new DivideByZeroException();
            }
        }

        async IAsyncEnumerable<int> Fidget()
        {
            try
            {
                for (; ; )
                {
                    yield return 1;
                    await Asyncio.Sleep(1);
                }
            }
            finally
            {
                await Asyncio.Yield();
                cleanedUp = true;
            }
        }
    }

    [Fact]
    [CPythonTest("test_runners.py", "RunTests", "test_asyncio_run_loop_factory")]
    [CPythonTest("test_runners.py", "RunnerTests", "test_custom_factory")]
    public void Takes_its_loop_from_the_factory_once_and_closes_it()
    {
        var loop = new VirtualEventLoop();
        var made = 0;
        var options = new RunnerOptions
        {
            LoopFactory = () =>
            {
                made++;
                return loop;
            },
        };

        Asyncio.Run(async () => Assert.Same(loop, EventLoop.Running), options);

        Assert.Equal(1, made);
        Assert.True(loop.IsClosed);
    }

    [Fact]
    [CPythonTest("test_runners.py", "RunTests", "test_loop_factory_default_event_loop")]
    public void Without_a_factory_it_makes_the_loop_that_suits_the_machine()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "which loop that is depends on the system");

        Asyncio.Run(async () => Assert.IsType<IoUringEventLoop>(EventLoop.Running), new RunnerOptions { LoopFactory = EventLoop.New });
        Asyncio.Run(async () => Assert.IsType<IoUringEventLoop>(EventLoop.Running));
    }

    [Fact]
    public void Waits_for_functions_that_run_on_other_threads()
    {
        using var go = new ManualResetEventSlim();
        var done = false;

        Asyncio.Run(async () =>
        {
            _ = EventLoop.Running.RunInExecutor(null, () =>
            {
                go.Wait();
                done = true;
            });
            await Asyncio.Yield();
            go.Set();
        }, Options);

        Assert.True(done);
    }

    [Fact]
    public void Leaves_the_thread_as_it_was()
    {
        var context = new SynchronizationContext();
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            Asyncio.Run(async () => Assert.NotSame(context, SynchronizationContext.Current), Options);

            Assert.Same(context, SynchronizationContext.Current);
            Assert.Null(EventLoop.RunningOrNull);
            Assert.Null(Asyncio.CurrentTask);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }
}
