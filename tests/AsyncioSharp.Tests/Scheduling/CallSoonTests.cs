using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Scheduling;

public abstract class CallSoonTests(EventLoop loop) : EachLoop(loop)
{
    private readonly List<string> _trace = [];

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_call_soon")]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_run_once")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_call_soon")]
    public void A_callback_runs_once_in_the_next_turn()
    {
        var handle = Loop.CallSoon(state => _trace.Add(state), "hello");
        Assert.True(handle.IsPending);
        Assert.Empty(_trace);

        RunOnce();
        Assert.Equal(["hello"], _trace);
        Assert.False(handle.IsPending);
        Assert.False(handle.IsCanceled);

        RunOnce();
        Assert.Equal(["hello"], _trace);
    }

    [Fact]
    public void Callbacks_run_in_the_order_of_their_scheduling()
    {
        for (var i = 0; i < 1000; i++)
        {
            if (i % 3 == 0)
                Loop.CallSoon(state => _trace.Add(state), $"{i}");
            else
                Schedule($"{i}");
        }

        RunOnce();

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i}"), _trace);
    }

    [Fact]
    public void What_is_scheduled_during_a_turn_waits_for_the_next()
    {
        Loop.CallSoon(() =>
        {
            Add("first");
            Schedule("scheduled by the first");
        });
        Schedule("second");

        RunOnce();
        Assert.Equal(["first", "second"], _trace);

        RunOnce();
        Assert.Equal(["first", "second", "scheduled by the first"], _trace);
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test__add_callback_handle")]
    [CPythonTest("test_events.py", "HandleTests", "test_handle")]
    public void A_cancelled_callback_does_not_run()
    {
        var plain = Loop.CallSoon(() => Add("plain"));
        var withState = Loop.CallSoon(state => _trace.Add(state), "with state");
        Schedule("other");

        Assert.True(plain.Cancel());
        Assert.True(withState.Cancel());
        Assert.True(plain.IsCanceled && withState.IsCanceled);
        Assert.False(plain.IsPending || withState.IsPending);
        Assert.False(plain.Cancel());
        RunOnce();

        Assert.Equal(["other"], _trace);
        Assert.True(plain.IsCanceled && withState.IsCanceled);
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test__add_callback_cancelled_handle")]
    public void A_callback_can_be_cancelled_by_one_before_it()
    {
        Handle second = default;
        Loop.CallSoon(() => Assert.True(second.Cancel()));
        second = Loop.CallSoon(() => Add("second"));

        RunOnce();

        Assert.Empty(_trace);
        Assert.True(second.IsCanceled);
    }

    [Fact]
    public void A_callback_that_has_run_cannot_be_cancelled()
    {
        var handle = Loop.CallSoon(() => Add("ran"));
        RunOnce();

        Assert.False(handle.Cancel());
        Assert.False(handle.IsCanceled);
    }

    [Fact]
    public void An_old_handle_does_not_cancel_a_later_callback()
    {
        var old = Loop.CallSoon(state => _trace.Add(state), "old");
        RunOnce();
        var later = Loop.CallSoon(state => _trace.Add(state), "later");

        Assert.False(old.Cancel());
        RunOnce();

        Assert.Equal(["old", "later"], _trace);
        Assert.False(later.IsCanceled);
    }

    [Fact]
    public void A_default_handle_is_harmless()
    {
        Handle handle = default;

        Assert.False(handle.IsPending || handle.IsCanceled);
        Assert.False(handle.Cancel());
    }

    [Fact]
    [CPythonTest("test_events.py", "HandleTests", "test_callback_with_exception")]
    public void A_callback_that_throws_is_reported_and_the_others_run()
    {
        Schedule("first");
        Loop.CallSoon(static () => throw new FormatException("mine"));
        Loop.CallSoon(static _ => throw new FormatException("mine too"), 0);
        Schedule("second");

        RunOnce();

        Assert.Equal(["first", "second"], _trace);
        Assert.Equal(["mine", "mine too"], Reports().Select(report => report.Exception!.Message));
    }

    [Fact]
    public void A_callback_that_throws_delays_none_to_the_next_turn()
    {
        Loop.CallSoon(() => throw new FormatException());
        Loop.CallSoon(() => Schedule("in the next turn"));
        Schedule("in this turn");

        RunOnce();

        Assert.Equal(["in this turn"], _trace);
        Assert.Single(Reports());
        RunOnce();
        Assert.Equal(["in this turn", "in the next turn"], _trace);
    }

    [Fact]
    [CPythonTest("test_futures2.py", "FutureTests", "test_handle_exc_handler_correct_context")]
    [CPythonTest("test_futures2.py", "FutureTests", "test_task_exc_handler_correct_context")]
    public void The_handler_runs_in_the_context_of_what_failed()
    {
        var local = new AsyncLocal<string?>();
        Loop.ExceptionHandler = (_, report) => Add($"{report.Exception!.Message}: {local.Value}");
        Loop.CallSoon(() =>
        {
            local.Value = "set in the callback";
            throw new FormatException("callback");
        });
        Loop.CreateTask(Fail());

        RunOnce();
        Loop.Close();

        Assert.Equal(["callback: set in the callback", "task: set in the task"], _trace);
        Assert.Null(local.Value);

        async Coroutine Fail()
        {
            await Coroutine.Completed;
            local.Value = "set in the task";
            throw new FormatException("task");
        }
    }

    [Fact]
    public void A_null_callback_is_a_mistake()
    {
        Assert.Throws<ArgumentNullException>(() => Loop.CallSoon(null!));
        Assert.Throws<ArgumentNullException>(() => Loop.CallSoonThreadsafe(null!));
        Assert.Throws<ArgumentNullException>(() => Loop.CallLater(TimeSpan.Zero, null!));
    }

    private void Add(string text) => _trace.Add(text);

    private void Schedule(string text) => Loop.CallSoon(() => _trace.Add(text));
}

public sealed class VirtualCallSoonTests() : CallSoonTests(new VirtualEventLoop());

public sealed class EpollCallSoonTests() : CallSoonTests(new EpollEventLoop());

public sealed class IoUringCallSoonTests() : CallSoonTests(IoUring.NewLoop());

public sealed class PortableCallSoonTests() : CallSoonTests(new PortableEventLoop());
