using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Scheduling;

/// <summary>Running, stopping and closing.</summary>
public abstract class RunningTests(EventLoop loop) : EachLoop(loop)
{
    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_run_until_complete")]
    public void Running_a_coroutine_takes_its_time()
    {
        var start = Loop.Time;

        Assert.Equal(7, Loop.RunUntilComplete(Asyncio.Sleep(TimeSpan.FromMilliseconds(2), 7)));

        Assert.True(Loop.Time - start >= TimeSpan.FromMilliseconds(2));
        Assert.False(Loop.IsRunning);
    }

    [Fact]
    public void Running_what_fails_throws_what_it_failed_with()
    {
        Assert.Throws<FormatException>(() => Loop.RunUntilComplete(Fail()));
        Assert.Throws<FormatException>(() => Loop.RunUntilComplete(Coroutine.FromException<int>(new FormatException())));

        static async Coroutine Fail()
        {
            await Asyncio.Yield();
            throw new FormatException();
        }
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_custom_run_forever_integration")]
    public void A_host_can_have_the_loop_run_iteration_by_iteration()
    {
        var turns = 0;
        var log = new List<int>();
        Loop.CallSoon(Count);
        Loop.CallSoon(() => Loop.CallSoon(() => Loop.CallSoon(() => log.Add(turns))));

        for (var i = 1; i <= 10; i++)
        {
            RunOnce();
            Assert.Equal(i, turns);
            Assert.False(Loop.IsRunning);
            Assert.Null(EventLoop.RunningOrNull);
        }

        Assert.Equal([3], log); // once, and two iterations after the first

        void Count()
        {
            Assert.True(Loop.IsRunning);
            Assert.Same(Loop, EventLoop.Running);
            turns++;
            Loop.CallSoon(Count);
        }
    }

    [Fact]
    public void Inside_the_loop_is_the_running_one_and_outside_none_is()
    {
        Assert.Null(EventLoop.RunningOrNull);

        Loop.RunUntilComplete(Check());

        Assert.Null(EventLoop.RunningOrNull);
        Assert.Throws<InvalidOperationException>(() => EventLoop.Running);

        async Coroutine Check()
        {
            await Coroutine.Completed;
            Assert.Same(Loop, EventLoop.Running);
            Assert.True(Loop.IsRunning);
            Assert.True(Loop.IsOnThread);
        }
    }

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_run_until_complete_nesting")]
    [CPythonTest("test_events.py", "GetEventLoopTestsMixin", "test_get_running_loop_already_running")]
    public void A_running_loop_cannot_be_run_again()
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            await Coroutine.Completed;
            var mistake = Assert.Throws<InvalidOperationException>(() => Loop.RunUntilComplete(Coroutine.Completed));
            Assert.Contains("running already", mistake.Message);
            Assert.Throws<InvalidOperationException>(() => Loop.RunForever());
            Assert.True(Loop.IsRunning);
        }
    }

    [Fact]
    [CPythonTest("test_base_events.py", "RunningLoopTests", "test_running_loop_within_a_loop")]
    public void Loops_do_not_nest()
    {
        using var other = LoopTest.NewLoop();
        Loop.RunUntilComplete(Check());
        other.RunUntilComplete(Coroutine.Completed);

        async Coroutine Check()
        {
            await Coroutine.Completed;
            Assert.Contains("do not nest", Assert.Throws<InvalidOperationException>(() => other.RunForever()).Message);
            Assert.Contains("do not nest", Assert.Throws<InvalidOperationException>(() => other.RunUntilComplete(Coroutine.Completed)).Message);
            Assert.Throws<InvalidOperationException>(() => Asyncio.Run(Coroutine.Completed));
            Assert.False(other.IsRunning);
        }
    }

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_run_until_complete_stopped")]
    public void A_loop_stopped_before_the_coroutine_has_ended_says_so()
    {
        var mistake = Assert.Throws<InvalidOperationException>(() => Loop.RunUntilComplete(Stop()));

        Assert.Contains("stopped before", mistake.Message);

        async Coroutine Stop()
        {
            Loop.Stop();
            await Asyncio.Sleep(1);
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_stop_while_run_in_complete")]
    public void A_task_that_was_cut_off_goes_on_in_the_next_run()
    {
        var x = 0;
        var task = Loop.CreateTask(Work());

        Assert.Throws<InvalidOperationException>(() => Loop.RunUntilComplete(task));
        Assert.False(task.IsCompleted);
        Assert.Equal(2, x);

        Loop.RunUntilComplete(Asyncio.Yield());
        Assert.Equal(5, x); // the turns of starting, ending and stopping
        task.Cancel();
        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));

        async Coroutine Work()
        {
            for (; x < 10; x++)
            {
                if (x == 2)
                    Loop.Stop();
                await Asyncio.Yield();
            }
        }
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_run_until_complete_loop_orphan_future_close_loop")]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_run_until_complete_baseexception")]
    public void A_run_that_was_cut_off_does_not_stop_the_next_one()
    {
        var first = Loop.CreateFuture<int>();
        Loop.CallSoon(Loop.Stop);
        Assert.Throws<InvalidOperationException>(() => Loop.RunUntilComplete(first));
        first.SetResult(1);

        var turns = 0;
        Loop.RunUntilComplete(Turn());
        Assert.Equal(5, turns);

        async Coroutine Turn()
        {
            for (; turns < 5; turns++)
                await Asyncio.Yield();
        }
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_run_forever_pre_stopped")]
    public void A_loop_stopped_before_it_runs_turns_once()
    {
        var trace = new List<string>();
        Loop.CallSoon(() =>
        {
            trace.Add("ran");
            Loop.CallSoon(() => trace.Add("must not run yet"));
        });

        Loop.Stop();
        Loop.RunForever();

        Assert.Equal(["ran"], trace);
    }

    [Fact]
    public void Stopping_lets_the_turn_end()
    {
        var trace = new List<string>();
        Loop.CallSoon(Loop.Stop);
        Loop.CallSoon(() => trace.Add("in the same turn"));
        Loop.CallSoon(() => Loop.CallSoon(() => trace.Add("in the next turn")));

        Loop.RunForever();
        Assert.Equal(["in the same turn"], trace);

        RunOnce();
        Assert.Equal(["in the same turn", "in the next turn"], trace);
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_run_until_complete_loop")]
    public void A_future_of_another_loop_is_not_run()
    {
        using var other = LoopTest.NewLoop();

        Assert.Throws<ArgumentException>(() => other.RunUntilComplete(Loop.CreateFuture<int>()));
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_close")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_close")]
    public void A_closed_loop_does_nothing_more()
    {
        var future = Loop.CreateFuture<int>();
        Assert.False(Loop.IsClosed);

        Loop.Close();
        Assert.True(Loop.IsClosed);
        Loop.Close();
        Loop.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Loop.RunForever());
        Assert.Throws<ObjectDisposedException>(() => Loop.RunUntilComplete(future));
        Assert.Throws<ObjectDisposedException>(() => Loop.CallSoon(() => { }));
        Assert.Throws<ObjectDisposedException>(() => Loop.CallSoon(_ => { }, 0));
        Assert.Throws<ObjectDisposedException>(() => Loop.CallSoonThreadsafe(() => { }));
        Assert.Throws<ObjectDisposedException>(() => Loop.CallLater(TimeSpan.Zero, () => { }));
        Assert.Throws<ObjectDisposedException>(() => Loop.CallAt(TimeSpan.Zero, () => { }));
        Assert.Throws<ObjectDisposedException>(() => Loop.RunInExecutor(null, () => 1));
        var mistake = Assert.Throws<ObjectDisposedException>(() => Loop.CreateTask(Coroutine.FromResult(1)));
        Assert.Contains("The event loop is closed", mistake.Message);
        Assert.Empty(Asyncio.AllTasks(Loop));
    }

    [Fact]
    public void What_was_scheduled_on_a_loop_that_is_closed_never_runs()
    {
        Loop.CallSoon(() => Assert.Fail("It ran."));
        Loop.CallLater(TimeSpan.Zero, () => Assert.Fail("It ran."));
        var handle = Loop.CallSoonThreadsafe(() => Assert.Fail("It ran."));

        Loop.Close();

        Assert.True(handle.IsCanceled); // other threads, whose handles these are, find out by that
        Assert.Empty(Reports());
    }

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_close_running_event_loop")]
    public void A_running_loop_cannot_be_closed()
    {
        Loop.RunUntilComplete(Check());
        Loop.Close();

        async Coroutine Check()
        {
            await Coroutine.Completed;
            Assert.Throws<InvalidOperationException>(() => Loop.Close());
            Assert.False(Loop.IsClosed);
        }
    }

    [Fact]
    public void A_loop_can_run_many_times()
    {
        for (var i = 0; i < 100; i++)
            Assert.Equal(i, Loop.RunUntilComplete(Asyncio.Sleep(TimeSpan.Zero, i)));
    }

    [Fact]
    public void The_threads_context_is_as_before_after_a_run()
    {
        var local = new AsyncLocal<string> { Value = "outside" };
        var outer = new SynchronizationContext();
        SynchronizationContext.SetSynchronizationContext(outer);

        Loop.CallSoon(() => local.Value = "inside");
        RunOnce();

        Assert.Equal("outside", local.Value);
        Assert.Same(outer, SynchronizationContext.Current);
        SynchronizationContext.SetSynchronizationContext(null);
    }
}

public sealed class VirtualRunningTests() : RunningTests(new VirtualEventLoop());

public sealed class EpollRunningTests() : RunningTests(new EpollEventLoop());

public sealed class IoUringRunningTests() : RunningTests(IoUring.NewLoop());

public sealed class PortableRunningTests() : RunningTests(new PortableEventLoop());
