namespace AsyncioSharp.Tests.Tasks;

public class GatherCancelTests : OnVirtualLoop
{
    [Fact]
    [CPythonTest("test_tasks.py", "CoroutineGatherTests", "test_cancellation_broadcast")]
    public void Cancelling_whoever_gathers_cancels_all()
    {
        var proof = 0;
        var waiter = Loop.CreateFuture<int>();
        var (child1, child2) = (Loop.CreateTask(Inner()), Loop.CreateTask(Inner()));
        Future<int[]> gatherer = null!;
        var task = Loop.CreateTask(Outer());
        RunOnce();

        Assert.True(task.Cancel());
        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));

        Assert.False(gatherer.Cancel());
        Assert.True(waiter.IsCanceled);
        Assert.True(child1.IsCanceled);
        Assert.True(child2.IsCanceled);
        RunOnce();
        Assert.Equal(0, proof);

        async Coroutine<int> Inner()
        {
            await waiter;
            return proof += 1;
        }

        async Coroutine Outer()
        {
            gatherer = Asyncio.Gather(child1, child2);
            await gatherer;
            proof += 100;
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel_gather_1")]
    public void A_gather_whose_members_have_ended_refuses()
    {
        var future = Loop.CreateFuture<int>();
        var gathered = Loop.RunUntilComplete(Make());
        bool? cancelled = null;
        future.AddDoneCallback(_ => cancelled = gathered.Cancel());

        future.SetResult(42); // the callback runs when the member has ended and the gather has not
        Assert.Equal([42], Loop.RunUntilComplete(gathered));

        Assert.False(cancelled);
        Assert.False(gathered.IsCanceled);

        async Coroutine<Future<int[]>> Make()
        {
            var gathered = Asyncio.Gather(Child());
            await Asyncio.Yield();
            return gathered;
        }

        async Coroutine<int> Child() => await future;
    }

    [Theory]
    [InlineData(null)]
    [InlineData("my message")]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel_gather_2")]
    public void A_cancellation_is_no_outcome_for_whoever_waits_for_outcomes(string? message)
    {
        var cancelled = Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(Main()));

        Assert.Equal(message, cancelled.CancelMessage);

        async Coroutine Main()
        {
            var task = Asyncio.CreateTask(Work());
            await Asyncio.Sleep(0.22);
            task.Cancel(message);
            await task;
        }

        static async Coroutine Work()
        {
            for (var i = 0; i < 20; i++)
                await Asyncio.GatherOutcomes(Asyncio.Sleep(0.05));
        }
    }

    [Fact]
    public void A_cancelled_gather_waits_for_its_members_to_clean_up()
    {
        var cleaned = 0;
        var task = Loop.CreateTask(Outer());
        RunOnce();
        RunOnce();

        task.Cancel("stop");

        Assert.Equal("stop", Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task)).CancelMessage);
        // As in asyncio the first member that has ended tells; the other one is still at it.
        Assert.Equal(1, cleaned);
        Assert.Equal(TimeSpan.FromSeconds(1), Loop.Time);
        Loop.RunUntilComplete(Asyncio.Sleep(1));
        Assert.Equal(2, cleaned);

        async Coroutine Outer() => await Asyncio.Gather(Inner(1), Inner(2));

        async Coroutine Inner(double seconds)
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            finally
            {
                await Asyncio.Sleep(seconds);
                cleaned++;
            }
        }
    }

    [Fact]
    public void Members_that_swallow_a_cancellation_do_not_hide_it()
    {
        var task = Loop.CreateTask(Outer());
        RunOnce();
        RunOnce();

        task.Cancel("stop");

        Assert.Equal("stop", Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task)).CancelMessage);

        async Coroutine Outer() => await Asyncio.Gather(Inner(), Inner());

        async Coroutine<int> Inner()
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            catch (CanceledException)
            {
            }
            return 1;
        }
    }
}
