using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Hosts;

/// <summary>Loops that a host steps (<see cref="EventLoop.RunOnce"/>).</summary>
public abstract class SteppedLoopTests(EventLoop loop) : EachLoop(loop)
{
    [Fact]
    [CPythonTest("test_guest.py", "TestBaseEventLoopDecomposition", "test_methods_exist")]
    [CPythonTest("test_guest.py", "TestBaseEventLoopDecomposition", "test_run_once_still_works")]
    public void Runs_what_is_ready_and_not_what_that_schedules()
    {
        var log = new List<int>();
        Loop.CallSoon(() =>
        {
            log.Add(1);
            Loop.CallSoon(() => log.Add(2));
        });

        Assert.Equal(TimeSpan.Zero, Loop.RunOnce());
        Assert.Equal([1], log);
        Assert.Null(Loop.RunOnce());
        Assert.Equal([1, 2], log);
    }

    [Fact]
    public void Says_when_the_next_timer_is_due()
    {
        Assert.Null(Loop.RunOnce());
        var timer = Loop.CallLater(TimeSpan.FromHours(1), () => { });

        var pause = Loop.RunOnce();

        Assert.InRange(pause!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
        timer.Cancel();
        Assert.Null(Loop.RunOnce());
    }

    [Fact]
    public void With_a_budget_it_goes_on_until_nothing_is_ready()
    {
        var task = Loop.CreateTask(Steps());

        Assert.Null(Loop.RunOnce(TimeSpan.FromMinutes(1)));

        Assert.Equal(100, task.Result);

        static async Coroutine<int> Steps()
        {
            var i = 0;
            for (; i < 100; i++)
                await Asyncio.Yield();
            return i;
        }
    }

    [Fact]
    public void A_budget_ends_what_never_rests()
    {
        Loop.CallSoon(Again);

        Assert.Equal(TimeSpan.Zero, Loop.RunOnce(TimeSpan.FromTicks(1)));

        void Again() => Loop.CallSoon(Again);
    }

    [Fact]
    public void Runs_only_during_the_call()
    {
        var context = new SynchronizationContext();
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            (EventLoop? Loop, bool IsRunning, SynchronizationContext? Context) inside = default;
            Loop.CallSoon(() => inside = (EventLoop.RunningOrNull, Loop.IsRunning, SynchronizationContext.Current));

            Loop.RunOnce();

            Assert.Same(Loop, inside.Loop);
            Assert.True(inside.IsRunning);
            Assert.NotSame(context, inside.Context);
            Assert.Null(EventLoop.RunningOrNull);
            Assert.False(Loop.IsRunning);
            Assert.Same(context, SynchronizationContext.Current);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }

    [Fact]
    public void What_the_host_changes_in_between_is_seen()
    {
        var future = Loop.CreateFuture<int>();
        var task = Loop.CreateTask(Wait());
        Loop.RunOnce();

        future.SetResult(3);
        while (Loop.RunOnce() == TimeSpan.Zero)
        {
        }

        Assert.Equal(3, task.Result);

        async Coroutine<int> Wait() => await future;
    }

    [Fact]
    public void What_other_threads_hand_in_is_run_by_the_next_call()
    {
        var ran = 0;
        var thread = new Thread(() => Loop.CallSoonThreadsafe(() => ran++));
        thread.Start();
        thread.Join();

        Loop.RunOnce();

        Assert.Equal(1, ran);
    }

    [Fact]
    public void Async_code_and_cancellation_go_on_in_later_calls()
    {
        var log = new List<string>();
        var task = Loop.CreateTask(Main());
        Loop.RunOnce();
        task.Cancel();

        Assert.True(SpinWait.SpinUntil(() =>
        {
            Loop.RunOnce();
            return task.IsCompleted;
        }, TimeSpan.FromSeconds(30)));

        Assert.True(task.IsCanceled);
        Assert.Equal(["on the loop"], log);

        async Coroutine Main()
        {
            try
            {
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                await Task.Run(() => { });
                log.Add(EventLoop.Running == Loop ? "on the loop" : "elsewhere");
            }
        }
    }

    [Fact]
    public void Between_two_steps_it_can_be_run_otherwise()
    {
        var task = Loop.CreateTask(Steps());
        Loop.RunOnce();

        Loop.RunUntilComplete(task);
        Assert.Equal(1, Asyncio.Run(async () =>
        {
            await Asyncio.Yield();
            return 1;
        }));
        Loop.RunOnce();

        static async Coroutine Steps()
        {
            for (var i = 0; i < 3; i++)
                await Asyncio.Yield();
        }
    }

    [Fact]
    public void Stopping_it_has_no_effect_that_lasts()
    {
        Loop.Stop();
        Loop.CallSoon(Loop.Stop);

        Loop.RunOnce();

        Assert.Equal(5, Loop.RunUntilComplete(Five()));

        static async Coroutine<int> Five()
        {
            await Asyncio.Yield();
            return 5;
        }
    }

    [Fact]
    public void Failing_callbacks_are_reported_and_do_not_reach_the_host()
    {
        Loop.CallSoon(() => throw new FormatException());

        Loop.RunOnce();

        Assert.IsType<FormatException>(Assert.Single(Reports()).Exception);
    }

    [Fact]
    public void Its_own_callbacks_and_other_loops_cannot_step_it()
    {
        Loop.CallSoon(() => Loop.RunOnce());
        Loop.RunOnce();
        Assert.IsType<InvalidOperationException>(Assert.Single(Reports()).Exception);

        Asyncio.Run(async () =>
        {
            await Asyncio.Yield();
            Assert.Throws<InvalidOperationException>(() => Loop.RunOnce());
        });
    }

    [Fact]
    public void Refuses_a_negative_budget_and_a_closed_loop()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Loop.RunOnce(TimeSpan.FromTicks(-1)));
        Loop.Close();
        Assert.Throws<ObjectDisposedException>(() => Loop.RunOnce());
    }

    [Fact]
    public void Threads_may_take_turns()
    {
        var threads = new List<int>();
        for (var i = 0; i < 2; i++)
        {
            Loop.CallSoon(() => threads.Add(Environment.CurrentManagedThreadId));
            var thread = new Thread(() => Loop.RunOnce());
            thread.Start();
            thread.Join();
        }
        Assert.Equal(2, threads.Count);
    }

    // The watchdog knows only real time.
    [Fact]
    public void The_watchdog_sees_a_stall_in_a_step_and_none_between_two()
    {
        var stalls = new System.Collections.Concurrent.ConcurrentQueue<StallReport>();
        Loop.Logger = new LogEntries();
        Loop.StallThreshold = TimeSpan.FromMilliseconds(60);
        Loop.StallHandler = stalls.Enqueue;
        // On a busy machine a step, too, may take so long now and then.
        Assert.Contains(Enumerable.Range(0, 50), _ => IsQuietBetweenSteps());

        stalls.Clear();
        Loop.CallSoon(() => Assert.True(SpinWait.SpinUntil(() => stalls.Any(stall => !stall.HasRecovered), TimeSpan.FromMinutes(5))));
        Loop.RunOnce();

        Assert.Contains(stalls, stall => !stall.HasRecovered);

        bool IsQuietBetweenSteps()
        {
            stalls.Clear();
            Loop.RunOnce();
            Thread.Sleep(200);
            Loop.RunOnce();
            return stalls.IsEmpty;
        }
    }
}

public sealed class EpollSteppedLoopTests() : SteppedLoopTests(new EpollEventLoop());

public sealed class IoUringSteppedLoopTests() : SteppedLoopTests(IoUring.NewLoop());

public sealed class PortableSteppedLoopTests() : SteppedLoopTests(new PortableEventLoop());

public sealed class VirtualSteppedLoopTests() : SteppedLoopTests(new VirtualEventLoop())
{
    [Fact]
    public void The_host_is_the_clock()
    {
        var loop = (VirtualEventLoop)Loop;
        var fired = false;
        Loop.CallLater(TimeSpan.FromSeconds(1), () => fired = true);

        Assert.Equal(TimeSpan.FromSeconds(1), Loop.RunOnce());
        loop.Advance(TimeSpan.FromSeconds(0.4));
        Assert.Equal(TimeSpan.FromSeconds(0.6), Loop.RunOnce());
        Assert.False(fired);
        loop.Advance(TimeSpan.FromSeconds(0.6));
        Loop.RunOnce();

        Assert.True(fired);
    }
}
