using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Scheduling;

public class LoopSettingsTests : OnVirtualLoop
{
    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_set_debug")]
    public void Debug_mode_can_be_switched()
    {
        Loop.Debug = true;
        Assert.True(Loop.Debug);

        Loop.Debug = false;
        Assert.False(Loop.Debug);
    }

    [Fact]
    public void Debug_mode_can_be_switched_while_the_loop_runs()
    {
        Loop.RunUntilComplete(Main());
        Loop.RunUntilComplete(Main());

        async Coroutine Main()
        {
            Loop.Debug = true;
            await Asyncio.Yield();
            Loop.Debug = false;
            await Asyncio.Yield();
            Loop.Debug = true;
        }
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_set_task_factory")]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_create_named_task_with_custom_factory")]
    public void A_task_factory_makes_the_tasks()
    {
        Assert.Null(Loop.TaskFactory);
        var factory = new RenamingFactory();
        Loop.TaskFactory = factory;
        Assert.Same(factory, Loop.TaskFactory);

        var named = Loop.CreateTask(Coroutine.FromResult(1), name: "test_task");
        var without = Loop.CreateTask(Asyncio.Yield(), name: "other");
        Assert.Equal("made test_task", named.Name);
        Assert.Equal("made other", without.Name);

        Loop.TaskFactory = null;
        var plain = Loop.CreateTask(Coroutine.FromResult(1), name: "plain");
        Assert.Equal("plain", plain.Name);
        Assert.Equal(2, Loop.RunUntilComplete(Asyncio.Gather(named, plain)).Sum());
        Loop.RunUntilComplete(without);
    }

    [Fact]
    public void A_task_factory_sees_all_that_was_asked_for()
    {
        var factory = new RenamingFactory();
        Loop.TaskFactory = factory;
        var context = ExecutionContext.Capture();

        var task = Loop.CreateTask(Coroutine.FromResult(1), "name", context, eagerStart: true);

        Assert.Equal(new TaskRequest("name", context, true), factory.Request);
        Loop.RunUntilComplete(task);
    }

    [Fact]
    public void The_time_provider_follows_the_loops_clock()
    {
        var time = Loop.TimeProvider;
        var (start, date) = (time.GetTimestamp(), time.GetUtcNow());

        Loop.RunUntilComplete(Asyncio.Sleep(90));

        Assert.Equal(TimeSpan.FromSeconds(90), time.GetElapsedTime(start));
        Assert.Equal(date.AddSeconds(90), time.GetUtcNow());
    }

    [Fact]
    public void A_timer_of_the_time_provider_runs_on_the_loop()
    {
        Loop.RunUntilComplete(Main());

        async Coroutine Main()
        {
            var ticks = new List<double>();
            using (Loop.TimeProvider.CreateTimer(_ => ticks.Add(Loop.Time.TotalSeconds), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)))
                await Asyncio.Sleep(6);
            await Asyncio.Sleep(6);
            Assert.Equal([1, 3, 5], ticks);

            // What takes a time provider takes this one.
            await Task.Delay(TimeSpan.FromSeconds(8), Loop.TimeProvider);
            Assert.Equal(TimeSpan.FromSeconds(20), Loop.Time);
        }
    }

    [Fact]
    public void A_timer_of_the_time_provider_can_be_changed()
    {
        Loop.RunUntilComplete(Main());

        async Coroutine Main()
        {
            var ticks = 0;
            var timer = Loop.TimeProvider.CreateTimer(_ => ticks++, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            await Asyncio.Sleep(10);
            Assert.Equal(0, ticks);
            Assert.True(timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan));
            await Asyncio.Sleep(10);
            Assert.Equal(1, ticks);
            timer.Change(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
            timer.Dispose();
            Assert.False(timer.Change(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
            await Asyncio.Sleep(10);
            Assert.Equal(1, ticks);
        }
    }

    [Fact]
    public void Virtual_time_passes_only_where_everything_waits()
    {
        Loop.RunUntilComplete(Main());

        async Coroutine Main()
        {
            for (var i = 0; i < 100; i++)
                await Asyncio.Yield();
            Assert.Equal(TimeSpan.Zero, Loop.Time);
            await Asyncio.Sleep(TimeSpan.FromDays(1000));
            Assert.Equal(TimeSpan.FromDays(1000), Loop.Time);
            // A function in the executor is waited for before the clock goes on.
            var function = Loop.RunInExecutor(null, () => 1);
            await Asyncio.Gather(function, Asyncio.Sleep(TimeSpan.FromSeconds(1), 2));
            Assert.True(function.IsCompleted);
        }
    }

    [Fact]
    public void Virtual_time_can_be_advanced_by_hand()
    {
        var fired = false;
        Loop.CallLater(TimeSpan.FromSeconds(10), () => fired = true);

        ((VirtualEventLoop)Loop).Advance(TimeSpan.FromSeconds(9));
        RunOnce();
        Assert.False(fired);
        ((VirtualEventLoop)Loop).Advance(TimeSpan.FromSeconds(1));
        RunOnce();

        Assert.True(fired);
        Assert.Throws<ArgumentOutOfRangeException>(() => ((VirtualEventLoop)Loop).Advance(TimeSpan.FromSeconds(-1)));
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_shutdown_default_executor_timeout")]
    public void Shutting_the_executor_down_does_not_wait_longer_than_it_may()
    {
        using var go = new ManualResetEventSlim();
        // The clock of the virtual loop stands while a function runs, so this one is real.
        var log = new LogEntries();
        using var loop = new EpollEventLoop { Logger = log };
        var function = loop.RunInExecutor(null, go.Wait);

        Assert.False(loop.RunUntilComplete(loop.ShutdownDefaultExecutorAsync(TimeSpan.FromMilliseconds(1))));

        Assert.Contains("1 function still runs in the executor after 0.001 s.", Assert.Single(log.Take()).Text);
        go.Set();
        loop.RunUntilComplete(function);
    }

    private sealed class RenamingFactory : AsyncioTaskFactory
    {
        public TaskRequest Request { get; private set; }

        public override AsyncioTask CreateTask(EventLoop loop, Coroutine coroutine, TaskRequest request) =>
            base.CreateTask(loop, coroutine, Rename(request));

        public override AsyncioTask<T> CreateTask<T>(EventLoop loop, Coroutine<T> coroutine, TaskRequest request) =>
            base.CreateTask(loop, coroutine, Rename(request));

        private TaskRequest Rename(TaskRequest request)
        {
            Request = request;
            return request with { Name = $"made {request.Name}" };
        }
    }
}
