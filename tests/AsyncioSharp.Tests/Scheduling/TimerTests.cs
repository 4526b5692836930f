using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Scheduling;

/// <summary>Timers in virtual time, where every deadline is exact.</summary>
public class TimerTests : OnVirtualLoop
{
    private readonly List<string> _trace = [];

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_call_later")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_call_later")]
    [CPythonTest("test_events.py", "TimerTests", "test_timer")]
    [CPythonTest("test_events.py", "TimerTests", "test_when")]
    public void A_timer_runs_at_its_deadline_and_not_before()
    {
        var timer = Loop.CallLater(Seconds(10), state => _trace.Add(state), "hello");
        Assert.Equal(Seconds(10), timer.When);
        Assert.True(timer.IsPending);

        RunOnce();
        Assert.Empty(_trace);

        Loop.RunUntilComplete(Asyncio.Sleep(9.999));
        Assert.Empty(_trace);
        Loop.RunUntilComplete(Asyncio.Sleep(0.001));
        Assert.Equal(["hello"], _trace);
        Assert.False(timer.IsPending || timer.IsCanceled);
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_time_and_call_at")]
    public void A_timer_can_be_set_to_a_time()
    {
        Loop.RunUntilComplete(Asyncio.Sleep(1));
        var when = Loop.Time + Seconds(0.1);
        var timer = Loop.CallAt(when, Loop.Stop);

        Loop.RunForever();

        Assert.Equal(when, timer.When);
        Assert.Equal(when, Loop.Time);
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_call_later_negative_delays")]
    public void Deadlines_in_the_past_run_in_the_next_turn_the_earliest_first()
    {
        After(-1, "a");
        After(-2, "b");
        After(0, "c");
        Loop.CallSoon(() => _trace.Add("soon"));

        RunOnce();

        // As in asyncio: what is ready already goes before the timers.
        Assert.Equal(["soon", "b", "a", "c"], _trace);
        Assert.Equal(TimeSpan.Zero, Loop.Time);
    }

    [Fact]
    public void Delays_beyond_all_bounds_are_taken_as_never_and_at_once()
    {
        var never = Loop.CallLater(TimeSpan.MaxValue, () => _trace.Add("never"));
        Loop.CallLater(TimeSpan.MinValue, () => _trace.Add("at once"));
        After(1, "in between");

        Loop.RunUntilComplete(Asyncio.Sleep(2));

        Assert.Equal(["at once", "in between"], _trace);
        Assert.True(never.Cancel());
    }

    [Fact]
    public void Timers_run_by_deadline_and_then_in_the_order_of_their_setting()
    {
        foreach (var (seconds, name) in new[] { (3, "a"), (1, "b"), (2, "c"), (1, "d"), (3, "e"), (1, "f") })
            After(seconds, name);

        Loop.RunUntilComplete(Asyncio.Sleep(4));

        Assert.Equal(["b", "d", "f", "c", "a", "e"], _trace);
    }

    [Fact]
    public void Any_number_of_timers_set_and_cancelled_in_any_order_run_in_order()
    {
        var random = new Random(1);
        var fired = new List<int>();
        var expected = new List<(int Deadline, int Order)>();
        var timers = new List<TimerHandle>();
        for (var i = 0; i < 5000; i++)
        {
            var (deadline, order) = (random.Next(1000), i);
            timers.Add(Loop.CallLater(TimeSpan.FromMilliseconds(deadline), () => fired.Add(order)));
            expected.Add((deadline, order));
        }
        foreach (var index in Enumerable.Range(0, 5000).Where(_ => random.Next(3) == 0))
        {
            Assert.True(timers[index].Cancel());
            expected.Remove(expected.Single(entry => entry.Order == index));
        }

        Loop.RunUntilComplete(Asyncio.Sleep(2));

        Assert.Equal(expected.OrderBy(entry => entry.Deadline).ThenBy(entry => entry.Order).Select(entry => entry.Order), fired);
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test__run_once")]
    public void The_loop_does_not_wait_for_a_cancelled_timer()
    {
        var first = After(5, "first");
        After(10, "second");
        first.Cancel();
        Assert.True(first.IsCanceled);
        Assert.False(first.IsPending);
        TimeSpan? woken = null;
        Loop.CallLater(Seconds(7), () => woken = Loop.Time);

        Loop.RunUntilComplete(Asyncio.Sleep(10));

        Assert.Equal(["second"], _trace);
        Assert.Equal(Seconds(7), woken);
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test__run_once_schedule_handle")]
    public void What_a_timer_schedules_waits_for_the_next_turn()
    {
        Loop.CallLater(TimeSpan.Zero, () =>
        {
            _trace.Add("timer");
            Loop.CallSoon(() => _trace.Add("scheduled by the timer"));
        });

        RunOnce();
        Assert.Equal(["timer"], _trace);

        RunOnce();
        Assert.Equal(["timer", "scheduled by the timer"], _trace);
    }

    [Fact]
    public void A_timer_that_is_due_can_still_be_cancelled_by_a_callback_before_it()
    {
        TimerHandle timer = default;
        Loop.CallLater(Seconds(1), () => Assert.True(timer.Cancel()));
        timer = After(1, "cancelled");

        Loop.RunUntilComplete(Asyncio.Sleep(2));

        Assert.Empty(_trace);
        Assert.True(timer.IsCanceled);
    }

    [Fact]
    public void A_timer_that_throws_is_reported_and_the_others_run()
    {
        Loop.CallLater(Seconds(1), () => throw new FormatException("mine"));
        After(1, "other");

        Loop.RunUntilComplete(Asyncio.Sleep(2));

        Assert.Equal(["other"], _trace);
        Assert.Equal("mine", Assert.Single(Reports()).Exception!.Message);
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test__run_once_cancelled_event_cleanup")]
    public void A_cancelled_timer_keeps_nothing_alive()
    {
        var state = SetAndCancel();
        GC.Collect();

        Assert.False(state.IsAlive);
        RunOnce();

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference SetAndCancel()
        {
            var state = new object();
            for (var i = 0; i < 3; i++)
                Loop.CallLater(Seconds(3600), static _ => { }, state).Cancel();
            return new WeakReference(state);
        }
    }

    [Fact]
    public void The_clock_stands_while_callbacks_run()
    {
        var times = new HashSet<TimeSpan>();
        Loop.CallLater(Seconds(1), Look);
        Loop.CallLater(Seconds(1), Look);

        Loop.RunUntilComplete(Asyncio.Sleep(2));

        Assert.Equal([Seconds(1)], times);

        void Look()
        {
            times.Add(Loop.Time);
            Loop.CallSoon(() => times.Add(Loop.Time));
        }
    }

    private TimerHandle After(double seconds, string name) => Loop.CallLater(Seconds(seconds), () => _trace.Add(name));

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
