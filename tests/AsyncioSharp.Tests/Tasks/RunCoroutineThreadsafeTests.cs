using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Tasks;

/// <summary>Coroutines handed to a loop from another thread, which waits for them there.</summary>
public abstract class RunCoroutineThreadsafeTests(EventLoop loop) : EachLoop(loop)
{
    [Fact]
    [CPythonTest("test_tasks.py", "RunCoroutineThreadsafeTests", "test_run_coroutine_threadsafe")]
    public void The_result_comes_back()
    {
        Assert.Equal(3, RunInThread(() => Submit(Add(1, 2)).GetAwaiter().GetResult()));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "RunCoroutineThreadsafeTests", "test_run_coroutine_threadsafe_with_exception")]
    public void A_failure_comes_back()
    {
        Assert.Equal("Fail!", Assert.Throws<FormatException>(() => RunInThread(() => Submit(Fail()).GetAwaiter().GetResult())).Message);

        static async Coroutine<int> Fail()
        {
            await Asyncio.Yield();
            throw new FormatException("Fail!");
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "RunCoroutineThreadsafeTests", "test_run_coroutine_threadsafe_with_timeout")]
    [CPythonTest("test_tasks.py", "RunCoroutineThreadsafeTests", "test_run_coroutine_threadsafe_and_cancel")]
    public void Whoever_waits_can_give_up_and_cancel_it()
    {
        RunInThread(() =>
        {
            using var source = new CancellationTokenSource();
            var task = Asyncio.RunCoroutineThreadsafe(Forever(), Loop, source.Token);
            Assert.False(task.Wait(0));
            source.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => task.GetAwaiter().GetResult());
            Assert.True(task.IsCanceled);
            return 0;
        });

        RunOnce();
        Assert.Empty(Asyncio.AllTasks(Loop));
    }

    [Fact]
    public void Cancelled_before_it_came_to_the_loop_it_never_begins()
    {
        using var source = new CancellationTokenSource();
        var task = Asyncio.RunCoroutineThreadsafe(Forever(), Loop, source.Token);
        source.Cancel();

        RunOnce();

        Assert.True(task.IsCanceled);
        Assert.Empty(Asyncio.AllTasks(Loop));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "RunCoroutineThreadsafeTests", "test_run_coroutine_threadsafe_task_cancelled")]
    public void A_task_that_is_cancelled_comes_back_as_cancelled()
    {
        Assert.ThrowsAny<OperationCanceledException>(() => RunInThread(() => Submit(CancelSelf()).GetAwaiter().GetResult()));

        static async Coroutine<int> CancelSelf()
        {
            Asyncio.CurrentTask!.Cancel();
            await Asyncio.Yield();
            return 1;
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "RunCoroutineThreadsafeTests", "test_run_coroutine_threadsafe_task_factory_exception")]
    public void A_task_factory_that_fails_is_told_to_both_sides()
    {
        Loop.TaskFactory = new FailingFactory();
        var result = new TaskCompletionSource<Exception?>();
        var thread = new Thread(() => result.SetResult(Record.Exception(() => Submit(Add(1, 2)).GetAwaiter().GetResult())));
        thread.Start();

        while (!result.Task.IsCompleted)
            RunOnce();

        Assert.Equal("no tasks today", Assert.IsType<NotSupportedException>(result.Task.Result).Message);
        Assert.Same(result.Task.Result, Assert.Single(Reports()).Exception);
        thread.Join();
    }

    [Fact]
    public void A_coroutine_without_a_result_can_be_waited_for()
    {
        var ran = false;

        RunInThread(() =>
        {
            Asyncio.RunCoroutineThreadsafe(Work(), Loop).GetAwaiter().GetResult();
            return 0;
        });

        Assert.True(ran);

        async Coroutine Work()
        {
            await Asyncio.Yield();
            ran = true;
        }
    }

    [Fact]
    public void A_closed_loop_takes_nothing_and_what_it_had_taken_ends()
    {
        var taken = Asyncio.RunCoroutineThreadsafe(Forever(), Loop);
        RunOnce();
        var waiting = Asyncio.RunCoroutineThreadsafe(Forever(), Loop);

        Loop.Close();

        Assert.Throws<ObjectDisposedException>(() => taken.GetAwaiter().GetResult());
        Assert.Throws<ObjectDisposedException>(() => waiting.GetAwaiter().GetResult());
        Assert.IsType<ObjectDisposedException>(Record.Exception(() => { Asyncio.RunCoroutineThreadsafe(Forever(), Loop); }));
    }

    private Task<int> Submit(Coroutine<int> coroutine) => Asyncio.RunCoroutineThreadsafe(coroutine, Loop);

    private int RunInThread(Func<int> function) => Loop.RunUntilComplete(Loop.RunInExecutor(null, function));

    private static async Coroutine<int> Add(int a, int b)
    {
        await Asyncio.Yield();
        return a + b;
    }

    private async Coroutine<int> Forever() => await Loop.CreateFuture<int>();

    private sealed class FailingFactory : AsyncioTaskFactory
    {
        public override AsyncioTask<T> CreateTask<T>(EventLoop loop, Coroutine<T> coroutine, TaskRequest request) =>
            throw new NotSupportedException("no tasks today");
    }
}

public sealed class VirtualRunCoroutineThreadsafeTests() : RunCoroutineThreadsafeTests(new VirtualEventLoop());

public sealed class EpollRunCoroutineThreadsafeTests() : RunCoroutineThreadsafeTests(new EpollEventLoop());

public sealed class IoUringRunCoroutineThreadsafeTests() : RunCoroutineThreadsafeTests(IoUring.NewLoop());

public sealed class PortableRunCoroutineThreadsafeTests() : RunCoroutineThreadsafeTests(new PortableEventLoop());
