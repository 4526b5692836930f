using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Scheduling;

public abstract class ExecutorTests(EventLoop loop) : EachLoop(loop)
{
    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_run_in_executor")]
    public void A_function_runs_on_another_thread()
    {
        var (text, thread) = Loop.RunUntilComplete(Loop.RunInExecutor(null, () => ("yo", Environment.CurrentManagedThreadId)));

        Assert.Equal("yo", text);
        Assert.NotEqual(Environment.CurrentManagedThreadId, thread);
    }

    [Fact]
    public void A_failure_comes_back()
    {
        Assert.Throws<FormatException>(() => Loop.RunUntilComplete(Loop.RunInExecutor(null, (Func<int>)(() => throw new FormatException()))));
        Assert.Throws<FormatException>(() => Loop.RunUntilComplete(Loop.RunInExecutor(null, (Action)(() => throw new FormatException()))));
    }

    [Fact]
    public void The_loop_turns_meanwhile()
    {
        using var go = new ManualResetEventSlim();
        var waiting = Loop.RunInExecutor(null, () => go.Wait());
        Loop.CallSoon(() => Loop.CallSoon(go.Set));

        Loop.RunUntilComplete(waiting);
    }

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_run_in_executor_cancel")]
    public void A_wait_can_be_cancelled_and_what_comes_afterwards_is_dropped()
    {
        using var go = new ManualResetEventSlim();
        var future = Loop.RunInExecutor(null, () =>
        {
            go.Wait();
            return 1;
        });

        Assert.True(future.Cancel());
        go.Set();
        Loop.RunUntilComplete(Loop.ShutdownDefaultExecutorAsync());
        Loop.Close();

        Assert.True(future.IsCanceled);
    }

    [Fact]
    public void A_function_that_comes_back_after_the_close_harms_nothing()
    {
        using var go = new ManualResetEventSlim();
        using var scheduler = new OneThread();
        var future = Loop.RunInExecutor(scheduler, go.Wait);

        Loop.Close();
        go.Set();
        scheduler.Dispose(); // by then it has come back

        Assert.Null(scheduler.Failure);
        Assert.False(future.IsCompleted);
    }

    [Fact]
    public void A_failure_after_the_wait_was_cancelled_is_reported()
    {
        var future = Loop.RunInExecutor(null, (Action)(() => throw new FormatException("late")));
        future.Cancel();

        Loop.RunUntilComplete(Loop.ShutdownDefaultExecutorAsync());

        Assert.Equal("late", Assert.Single(Reports()).Exception!.Message);
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_set_default_executor")]
    public void The_default_executor_can_be_another()
    {
        using var scheduler = new OneThread();
        Loop.DefaultExecutor = scheduler;
        Assert.Same(scheduler, Loop.DefaultExecutor);

        Assert.Equal("the only one", Loop.RunUntilComplete(Loop.RunInExecutor(null, () => Thread.CurrentThread.Name)));
    }

    [Fact]
    public void An_executor_can_be_named_for_one_call()
    {
        using var scheduler = new OneThread();

        Assert.Equal("the only one", Loop.RunUntilComplete(Loop.RunInExecutor(scheduler, () => Thread.CurrentThread.Name)));
        Assert.NotEqual("the only one", Loop.RunUntilComplete(Loop.RunInExecutor(null, () => Thread.CurrentThread.Name)));
    }

    [Fact]
    public void After_its_shutdown_the_default_executor_takes_nothing()
    {
        Assert.True(Loop.RunUntilComplete(Loop.ShutdownDefaultExecutorAsync()));

        Assert.Throws<InvalidOperationException>(() => Loop.RunInExecutor(null, () => 1));
    }

    [Fact]
    public void What_a_scheduler_refuses_is_not_waited_for()
    {
        Assert.Throws<TaskSchedulerException>(() => Loop.RunInExecutor(new Full(), () => 1));

        Assert.True(Loop.RunUntilComplete(Loop.ShutdownDefaultExecutorAsync(TimeSpan.Zero)));
    }

    [Fact]
    public void Several_can_wait_for_the_shutdown()
    {
        using var go = new ManualResetEventSlim();
        Loop.RunInExecutor(null, go.Wait);
        var first = Loop.CreateTask(Loop.ShutdownDefaultExecutorAsync());
        var second = Loop.CreateTask(Loop.ShutdownDefaultExecutorAsync());
        RunOnce();

        go.Set();

        Assert.True(Loop.RunUntilComplete(second));
        Assert.True(Loop.RunUntilComplete(first));
    }

    private sealed class Full : TaskScheduler
    {
        protected override IEnumerable<Task> GetScheduledTasks() => [];

        protected override void QueueTask(Task task) => throw new InvalidOperationException("full");

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;
    }

    private sealed class OneThread : TaskScheduler, IDisposable
    {
        private readonly System.Collections.Concurrent.BlockingCollection<Task> _tasks = [];
        private readonly Thread _thread;

        public OneThread()
        {
            _thread = new Thread(() =>
            {
                foreach (var task in _tasks.GetConsumingEnumerable())
                {
                    TryExecuteTask(task);
                    Failure ??= task.Exception;
                }
            })
            { Name = "the only one" };
            _thread.Start();
        }

        /// <summary>What has failed first, of what brings a function's outcome back.</summary>
        public Exception? Failure { get; private set; }

        public void Dispose()
        {
            _tasks.CompleteAdding();
            _thread.Join();
        }

        protected override IEnumerable<Task> GetScheduledTasks() => _tasks;

        protected override void QueueTask(Task task) => _tasks.Add(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;
    }
}

public sealed class VirtualExecutorTests() : ExecutorTests(new VirtualEventLoop());

public sealed class EpollExecutorTests() : ExecutorTests(new EpollEventLoop());

public sealed class IoUringExecutorTests() : ExecutorTests(IoUring.NewLoop());

public sealed class PortableExecutorTests() : ExecutorTests(new PortableEventLoop());
