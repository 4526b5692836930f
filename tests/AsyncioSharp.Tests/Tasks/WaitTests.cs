namespace AsyncioSharp.Tests.Tasks;

public class WaitTests : OnVirtualLoop
{
    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_wait")]
    public void Waiting_for_all_ends_with_the_last()
    {
        var (a, b) = (After(0.1), After(0.15));

        var (done, pending) = Loop.RunUntilComplete(Asyncio.Wait([b, a]));
        Assert.Equal(Set(a, b), done);
        Assert.Empty(pending);
        Assert.Equal(0.15, Now);

        (done, pending) = Loop.RunUntilComplete(Asyncio.Wait([b, a]));
        Assert.Equal(Set(a, b), done);
        Assert.Equal(0.15, Now);
    }

    [Fact]
    public void The_timeout_can_be_given_in_seconds()
    {
        var (a, b) = (After(0.1), After(10));

        var (done, pending) = Loop.RunUntilComplete(Asyncio.Wait([a, b], 0.5));

        Assert.Equal(Set(a), done);
        Assert.Equal(Set(b), pending);
        Assert.Equal(0.5, Now);
        Assert.Throws<ArgumentOutOfRangeException>(() => Asyncio.Wait([b], double.NaN));
        Loop.RunUntilComplete(Asyncio.Wait([b], seconds: 10));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_wait_duplicate_coroutines")]
    public void A_future_given_twice_counts_once()
    {
        var (a, b) = (After(0), After(0));

        var (done, pending) = Loop.RunUntilComplete(Asyncio.Wait([a, a, b]));

        Assert.Equal(Set(a, b), done);
        Assert.Empty(pending);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_wait_errors")]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_wait_invalid_args")]
    public void Waiting_for_nothing_or_on_no_known_condition_is_a_mistake()
    {
        Assert.Throws<ArgumentException>(() => Loop.RunUntilComplete(Asyncio.Wait(Array.Empty<Future>())));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Loop.RunUntilComplete(Asyncio.Wait([After(10)], until: (WaitUntil)17)));
        Assert.Throws<ArgumentNullException>(() => Loop.RunUntilComplete(Asyncio.Wait((IEnumerable<Future>)null!)));
        Assert.Throws<ArgumentException>(() => Loop.RunUntilComplete(Asyncio.Wait(new Future[] { null! })));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_wait_first_completed")]
    public void Waiting_for_the_first_leaves_the_others_running()
    {
        var (a, b) = (After(10), After(0.1));

        var (done, pending) = Loop.RunUntilComplete(Asyncio.Wait([b, a], until: WaitUntil.FirstCompleted));

        Assert.Equal(Set(b), done);
        Assert.Equal(Set(a), pending);
        Assert.False(a.IsCompleted);
        Assert.True(b.IsCompletedSuccessfully);
        Assert.Equal(0.1, Now);
        Loop.RunUntilComplete(Asyncio.Wait([a, b]));
        Assert.Equal(10, Now);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_wait_really_done")]
    public void All_that_have_completed_when_the_waiter_runs_are_done()
    {
        var (a, b) = (Loop.CreateTask(Turns(1)), Loop.CreateTask(Turns(2)));

        var (done, pending) = Loop.RunUntilComplete(Asyncio.Wait([b, a], until: WaitUntil.FirstCompleted));

        Assert.Equal(Set(a, b), done);
        Assert.Empty(pending);
        Assert.True(a.IsCompletedSuccessfully && b.IsCompletedSuccessfully);

        static async Coroutine Turns(int count)
        {
            for (var i = 0; i < count; i++)
                await Asyncio.Yield();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_wait_first_exception")]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_wait_first_exception_in_wait")]
    public void Waiting_for_the_first_failure_ends_with_it(double delay)
    {
        var (a, b) = (After(10), Loop.CreateTask(FailAfter(delay)));

        var (done, pending) = Loop.RunUntilComplete(Asyncio.Wait([b, a], until: WaitUntil.FirstException));

        Assert.Equal(Set(b), done);
        Assert.Equal(Set(a), pending);
        Assert.Equal(delay, Now);
        Assert.IsType<FormatException>(b.Exception);
        Loop.RunUntilComplete(Asyncio.Wait([a, b]));
    }

    [Fact]
    public void A_cancelled_member_is_no_failure_to_wait_for()
    {
        var (a, b) = (After(1), After(10));
        Loop.CallLater(TimeSpan.FromSeconds(0.5), () => a.Cancel());

        var (done, pending) = Loop.RunUntilComplete(Asyncio.Wait([a, b], until: WaitUntil.FirstException));

        Assert.Equal(Set(a, b), done);
        Assert.Empty(pending);
        Assert.Equal(10, Now);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_wait_with_exception")]
    public void Waiting_passes_on_no_failure()
    {
        var (a, b) = (After(0.1), Loop.CreateTask(FailAfter(0.15)));

        for (var i = 0; i < 2; i++)
        {
            var (done, pending) = Loop.RunUntilComplete(Asyncio.Wait([b, a]));
            Assert.Equal(2, done.Count);
            Assert.Empty(pending);
            Assert.Same(b, Assert.Single(done, future => future.Exception is not null));
            Assert.Equal(0.15, Now);
        }
    }

    [Theory]
    [InlineData(0.11, 0.11)]
    [InlineData(0.1, 0.1)]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_wait_with_timeout")]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_wait_concurrent_complete")]
    public void After_the_timeout_what_has_not_completed_is_pending(double timeout, double end)
    {
        var (a, b) = (After(0.1), After(0.15));

        var (done, pending) = Loop.RunUntilComplete(Asyncio.Wait([b, a], TimeSpan.FromSeconds(timeout)));

        Assert.Equal(Set(a), done);
        Assert.Equal(Set(b), pending);
        Assert.Equal(end, Now);
        Loop.RunUntilComplete(Asyncio.Wait([a, b]));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_wait_with_iterator_of_tasks")]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_wait_generator")]
    public void What_to_wait_for_is_enumerated_once()
    {
        var made = 0;

        var (done, pending) = Loop.RunUntilComplete(Asyncio.Wait(Make()));

        Assert.Equal(10, made);
        Assert.Equal(10, done.Count);
        Assert.Empty(pending);
        Assert.Equal(Enumerable.Range(0, 10), done.Select(task => task.Result).Order());

        IEnumerable<AsyncioTask<int>> Make()
        {
            for (; made < 10; made++)
                yield return Loop.CreateTask(Asyncio.Sleep(TimeSpan.FromSeconds(0.1), made));
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_yield_wait_does_not_shield_cancel")]
    public void Cancelling_the_waiter_leaves_those_it_waits_for_running()
    {
        var proof = 0;
        var waiter = Loop.CreateFuture<int>();
        var outer = Loop.CreateTask(Outer());
        RunOnce();
        RunOnce();

        outer.Cancel();
        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(outer));
        waiter.SetResult(0);
        RunOnce();

        Assert.Equal(1, proof);

        async Coroutine Inner()
        {
            await waiter;
            proof += 1;
        }

        async Coroutine Outer()
        {
            await Asyncio.Wait([Asyncio.CreateTask(Inner())]);
            proof += 100;
        }
    }

    [Fact]
    public void Waiting_for_completed_futures_lets_the_loop_turn()
    {
        var done = Loop.CreateFuture<int>();
        done.SetResult(1);
        var turned = false;
        Loop.CallSoon(() => turned = true);

        Loop.RunUntilComplete(Asyncio.Wait([done]));

        Assert.True(turned);
    }

    private double Now => Math.Round(Loop.Time.TotalSeconds, 6);

    private AsyncioTask After(double seconds) => Loop.CreateTask(Asyncio.Sleep(seconds));

    private static HashSet<AsyncioTask> Set(params AsyncioTask[] futures) => [.. futures];

    private static async Coroutine FailAfter(double seconds)
    {
        if (seconds > 0)
            await Asyncio.Sleep(seconds);
        throw new FormatException();
    }
}
