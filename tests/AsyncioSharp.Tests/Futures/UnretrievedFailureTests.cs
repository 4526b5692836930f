using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Futures;

[Collection(nameof(Alone))]
public class UnretrievedFailureTests : OnVirtualLoop
{
    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_tb_logger_abandoned")]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_tb_logger_result_unretrieved")]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_tb_logger_result_retrieved")]
    public void Nothing_is_said_of_pending_and_finished_futures()
    {
        Abandon(_ => { });
        Abandon(future => future.SetResult(42));
        Abandon(future =>
        {
            future.SetResult(42);
            Assert.Equal(42, future.Result);
        });

        Collect();
        Loop.Close();

        Assert.Empty(Reports());
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_tb_logger_exception_retrieved")]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_tb_logger_exception_result_retrieved")]
    public void Nothing_is_said_of_failures_that_were_looked_at()
    {
        Abandon(future =>
        {
            future.SetException(new FormatException("boom"));
            Assert.NotNull(future.Exception);
        });
        Abandon(future =>
        {
            future.SetException(new FormatException("boom"));
            Assert.Throws<FormatException>(() => future.Result);
        });

        Collect();
        Loop.Close();

        Assert.Empty(Reports());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_tb_logger_exception_unretrieved")]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_future_exception_never_retrieved")]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_future_exception_never_retrieved_debug")]
    public void A_failure_nobody_looked_at_is_reported_once_the_future_is_collected(bool debug)
    {
        Loop.Debug = debug;
        var failure = new FormatException("boom");
        Abandon(future => future.SetException(failure));

        Collect();

        var report = Assert.Single(Reports());
        Assert.Contains("never retrieved", report.Message);
        Assert.Same(failure, report.Exception);
        Loop.Close();
        Assert.Empty(Reports());
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_tb_logger_not_called_after_cancel")]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_tb_logger_not_called_after_cancel")]
    public void Asking_a_failed_future_to_cancel_settles_it()
    {
        Abandon(future =>
        {
            future.SetException(new FormatException("boom"));
            Assert.False(future.Cancel());
        });
        Abandon(_ =>
        {
            var task = Loop.CreateTask(Fail());
            RunOnce();
            Assert.True(task.IsFaulted);
            Assert.False(task.Cancel());
        });

        Collect();
        Loop.Close();

        Assert.Empty(Reports());
    }

    [Fact]
    public void What_is_left_at_the_close_of_the_loop_is_reported_then()
    {
        var held = Loop.CreateFuture<int>();
        held.SetException(new FormatException("boom"));
        var task = Loop.CreateTask(Fail(), name: "worker");
        RunOnce();
        Assert.Empty(Reports());

        Loop.Close();

        var reports = Reports();
        Assert.Equal(2, reports.Length);
        Assert.Contains(reports, report => report.Exception!.Message == "boom" && report.TaskName is null);
        Assert.Contains(reports, report => report.Exception!.Message == "task" && report.TaskName == "worker" && report.Message.Contains("'worker'"));
        Assert.True(held.IsFaulted && task.IsFaulted);
    }

    private static async Coroutine Fail()
    {
        await Coroutine.Completed;
        throw new FormatException("task");
    }

    // In a method of its own, so that no local of the test keeps the future alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Abandon(Action<Future<int>> use) => use(Loop.CreateFuture<int>());

    private void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        // A loop looks for what finalizers have left before it waits for work.
        Loop.RunUntilComplete(Asyncio.Sleep(TimeSpan.FromSeconds(1)));
    }
}
