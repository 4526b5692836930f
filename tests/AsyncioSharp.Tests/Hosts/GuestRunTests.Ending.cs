using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Hosts;

// What becomes of what a program leaves behind, and of its loop and its thread.
public abstract partial class GuestRunTests
{
    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_background_task_cancelled_on_finish")]
    public void Tasks_that_are_left_are_cancelled_and_waited_for()
    {
        var log = new List<string>();

        Assert.Equal(1, Run(async () =>
        {
            _ = Asyncio.CreateTask(LeftAsync());
            await Asyncio.Yield();
            return 1;
        }));

        Assert.Equal(["cancelled", "cleaned up"], log);
        Assert.Empty(_reports);

        async Coroutine LeftAsync()
        {
            try
            {
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                log.Add("cancelled");
                await Asyncio.Sleep(s_moment);
                log.Add("cleaned up");
            }
        }
    }

    [Fact]
    public void A_task_that_is_left_and_waits_for_dotnet_that_is_not_told_is_reported_by_name()
    {
        var source = new TaskCompletionSource();

        Assert.Equal(1, _host.Run(Asyncio.StartGuestRun(async () =>
        {
            _ = Asyncio.CreateTask(WaitAsync(), "stubborn");
            await Asyncio.Yield();
            return 1;
        }, _host.Take, null, Answering(source))));

        Assert.StartsWith("Task 'stubborn' was cancelled", Assert.Single(_reports).Message, StringComparison.Ordinal);

        async Coroutine WaitAsync() => await source.Task;
    }

    [Fact]
    public void A_program_that_is_cancelled_and_waits_for_dotnet_that_is_not_told_is_reported()
    {
        var source = new TaskCompletionSource();
        var waits = false;
        var run = Asyncio.StartGuestRun(async () =>
        {
            waits = true;
            await source.Task;
        }, _host.Take, null, Answering(source));
        _host.RunUntil(() => waits);

        run.Cancel();
        run.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => _host.Run(run));
        Assert.Equal(ReportKind.CancellationUnanswered, Assert.Single(_reports).Kind);
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_abandoned_asyncgen_finalized")]
    public void A_generator_that_is_left_behind_is_finished()
    {
        var log = new List<string>();
        _host.Run(Asyncio.StartGuestRun(async () =>
        {
            _ = Asyncio.CreateTask(IterateAsync());
            await Asyncio.Sleep(s_moment);
            log.Add("main ends");
        }, _host.Take, null, Options));

        Assert.Equal(["1", "main ends", "finished"], log);

        async Coroutine IterateAsync()
        {
            await foreach (var number in Numbers())
                log.Add($"{number}");
        }

        async IAsyncEnumerable<int> Numbers()
        {
            try
            {
                yield return 1;
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                await Asyncio.Yield();
                log.Add("finished");
            }
        }
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_loop_closed_in_done_callback")]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_loop_closed_after_run")]
    public void The_loop_is_closed_when_the_host_is_told_of_the_end()
    {
        var here = Environment.CurrentManagedThreadId;
        (bool IsClosed, bool IsCompleted, int Thread) told = default;
        var run = Asyncio.StartGuestRun(async () => await Asyncio.Sleep(s_moment), _host.Take,
            run => told = (run.Loop.IsClosed, run.Completion.IsCompletedSuccessfully, Environment.CurrentManagedThreadId), Options);

        _host.Run(run);

        Assert.Equal((true, true, here), told);
        Assert.True(run.Loop.IsClosed);
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_io_thread_nondaemon_and_joined")]
    public void The_thread_that_waits_ends_with_the_run()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self/task"), "threads are not seen here");
        HashSet<string> during = [];

        _host.Run(Asyncio.StartGuestRun(async () =>
        {
            await Asyncio.Sleep(s_moment);
            during = Helpers();
        }, _host.Take, null, Options));

        Assert.NotEmpty(during);
        // The system's thread ends a moment after .NET's. Other tests may have guests of their own at the same time.
        Assert.True(SpinWait.SpinUntil(() => during.Except(Helpers()).Any(), TimeSpan.FromSeconds(30)));

        static HashSet<string> Helpers() =>
            [.. Directory.EnumerateDirectories("/proc/self/task").Where(task => NameOf(task) == "asyncio guest")];
    }

    private static string NameOf(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/comm").Trim();
        }
        catch (IOException)
        {
            return ""; // it has just ended
        }
    }

    // What is reported is answered then: else the run would wait for ever.
    private RunnerOptions Answering(TaskCompletionSource source) => Options with
    {
        UnansweredReportDelay = TimeSpan.FromMilliseconds(1),
        LoopFactory = () =>
        {
            var loop = newLoop();
            loop.ExceptionHandler = (_, report) =>
            {
                _reports.Add(report);
                source.TrySetResult();
            };
            return loop;
        },
    };
}
