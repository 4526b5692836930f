namespace AsyncioSharp.Tests.Tasks;

public class ShieldTests : OnVirtualLoop
{
    private readonly Future<int> _inner;

    public ShieldTests() => _inner = Loop.CreateFuture<int>();

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_shield_result")]
    public void The_result_passes()
    {
        var outer = Asyncio.Shield(_inner);
        _inner.SetResult(42);

        Assert.Equal(42, Loop.RunUntilComplete(outer));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_shield_exception")]
    public void A_failure_passes()
    {
        var failure = new FormatException();
        var outer = Asyncio.Shield(_inner);

        _inner.SetException(failure);
        RunOnce();

        Assert.Same(failure, outer.Exception);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_shield_cancel_inner")]
    public void A_cancellation_of_what_is_shielded_passes()
    {
        var outer = Asyncio.Shield(_inner);

        _inner.Cancel("why");
        RunOnce();

        Assert.True(outer.IsCanceled);
        Assert.Equal("why", Assert.Throws<CanceledException>(() => outer.Result).CancelMessage);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_shield_cancel_outer")]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_shield_cancel_outer_result")]
    public void A_cancellation_of_the_wait_does_not_pass()
    {
        var outer = Asyncio.Shield(_inner);

        outer.Cancel();
        RunOnce();

        Assert.True(outer.IsCanceled);
        Assert.False(_inner.IsCompleted);
        _inner.SetResult(1);
        RunOnce();
        Assert.Equal(1, _inner.Result);
        Assert.True(outer.IsCanceled);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_shield_cancel_outer_exception")]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_shield_duplicate_log_once")]
    public void A_failure_after_the_wait_was_cancelled_is_reported_once()
    {
        var failure = new FormatException("foo");
        var outers = new[] { Asyncio.Shield(_inner), Asyncio.Shield(_inner) };
        Array.ForEach(outers, outer => outer.Cancel());

        _inner.SetException(failure);
        RunOnce();

        Loop.Close();
        var report = Assert.Single(Reports());
        Assert.Same(failure, report.Exception);
        Assert.Contains("shielded", report.Message);
    }

    [Fact]
    public void Waits_that_were_cancelled_leave_nothing_behind()
    {
        var outers = Enumerable.Range(0, 50).Select(_ => Forgotten(_inner)).ToArray();
        GC.Collect();

        Assert.All(outers, outer => Assert.False(outer.IsAlive));
        GC.KeepAlive(_inner);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Forgotten(Future<int> inner)
        {
            var outer = Asyncio.Shield(inner);
            outer.Cancel();
            return new WeakReference(outer);
        }
    }

    [Fact]
    public void A_failure_that_others_wait_for_is_reported_too_if_one_wait_was_cancelled()
    {
        var failure = new FormatException();
        Asyncio.Shield(_inner).Cancel();
        var other = Asyncio.Shield(_inner);

        _inner.SetException(failure);
        RunOnce();

        Assert.Same(failure, other.Exception);
        Assert.Same(failure, Assert.Single(Reports()).Exception);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_shield_shortcut")]
    public void What_has_completed_needs_no_turn()
    {
        _inner.SetResult(42);

        var outer = Asyncio.Shield(_inner);

        Assert.True(outer.IsCompleted);
        Assert.Equal(42, Loop.RunUntilComplete(outer));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_shield_effect")]
    public void A_shielded_coroutine_runs_on_when_its_awaiter_is_cancelled()
    {
        var proof = 0;
        var task = Loop.CreateTask(Outer());
        RunOnce();
        RunOnce();

        task.Cancel();
        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));
        _inner.SetResult(0);
        RunOnce();

        Assert.Equal(1, proof);

        async Coroutine Inner()
        {
            await _inner;
            proof += 1;
        }

        async Coroutine Outer()
        {
            await Asyncio.Shield(Inner());
            proof += 100;
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_shield_gather")]
    public void A_shielded_gather_is_not_cancelled()
    {
        var second = Loop.CreateFuture<int>();
        var parent = Asyncio.Gather(_inner, second);
        var outer = Asyncio.Shield(parent);

        outer.Cancel();
        RunOnce();
        Assert.True(outer.IsCanceled);
        _inner.SetResult(1);
        second.SetResult(2);
        RunOnce();

        Assert.Equal([1, 2], parent.Result);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_gather_shield")]
    public void Gathered_shields_are_cancelled_and_what_they_shield_is_not()
    {
        var second = Loop.CreateFuture<int>();
        var (shield1, shield2) = (Asyncio.Shield(_inner), Asyncio.Shield(second));
        var parent = Asyncio.Gather(shield1, shield2);

        parent.Cancel();
        RunOnce();

        Assert.IsType<CanceledException>(parent.Exception);
        Assert.True(shield1.IsCanceled && shield2.IsCanceled);
        Assert.False(_inner.IsCompleted || second.IsCompleted);
        _inner.SetResult(1);
        second.SetResult(2);
        RunOnce();
        Assert.Equal(3, _inner.Result + second.Result);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_shield_coroutine_without_loop")]
    public void Without_a_running_loop_a_coroutine_cannot_be_started()
    {
        Assert.Throws<InvalidOperationException>(() => Asyncio.Shield(Coroutine.FromResult(42)));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_shield_coroutine_use_running_loop")]
    public void A_coroutine_is_started_on_the_running_loop()
    {
        var outer = Loop.RunUntilComplete(Make());

        Assert.Same(Loop, outer.Loop);
        Assert.Equal(42, Loop.RunUntilComplete(outer));

        static async Coroutine<Future<int>> Make() => Asyncio.Shield(Asyncio.Sleep(TimeSpan.FromSeconds(1), 42));
    }
}
