namespace AsyncioSharp.Tests.Tasks;

public class UncancelTests : OnVirtualLoop
{
    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancelling")]
    public void Every_request_to_cancel_is_counted()
    {
        var task = Loop.CreateTask(Asyncio.Sleep(10));
        Assert.Equal(0, task.CancelRequests);

        Assert.True(task.Cancel());
        Assert.Equal(1, task.CancelRequests);
        Assert.True(task.Cancel());
        Assert.Equal(2, task.CancelRequests);

        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_uncancel_basic")]
    public void A_task_that_takes_a_request_back_can_be_cancelled_again()
    {
        var task = Loop.CreateTask(Work());
        Loop.RunUntilComplete(Asyncio.Sleep(0.01));

        Assert.True(task.Cancel());
        Assert.Equal(1, task.CancelRequests);
        Assert.False(task.IsCanceled);
        Loop.RunUntilComplete(Asyncio.Sleep(0.01));

        Assert.Equal(0, task.CancelRequests);
        Assert.False(task.IsCanceled);

        Assert.True(task.Cancel());
        Assert.Equal(1, task.CancelRequests);
        Assert.False(task.IsCanceled);
        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));
        Assert.True(task.IsCanceled);

        task.Uncancel();
        Assert.True(task.IsCanceled);
        Assert.True(task.IsCompleted);

        static async Coroutine Work()
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            catch (CanceledException)
            {
                Asyncio.CurrentTask!.Uncancel();
                await Asyncio.Sleep(10);
            }
        }
    }

    [Theory]
    [InlineData(10, 0.1, true)]
    [InlineData(0, 10, false)]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_uncancel_structured_blocks")]
    public void A_block_that_cancels_its_own_task_can_take_it_back_when_it_is_left(double sleep, double timeout, bool expires)
    {
        var task = Loop.CreateTask(Request());

        Assert.Equal((expires, !expires, true), Loop.RunUntilComplete(task));
        Assert.Equal(0, task.CancelRequests);

        async Coroutine<(bool TimedOut, bool Finished, bool Outside)> Request()
        {
            var self = Asyncio.CurrentTask!;
            var (timedOut, finished) = (false, false);
            var timer = Loop.CallLater(TimeSpan.FromSeconds(timeout), () =>
            {
                timedOut = true;
                self.Cancel();
            });
            try
            {
                await Asyncio.Sleep(sleep);
                finished = true;
                timer.Cancel();
            }
            catch (CanceledException) when (timedOut && self.Uncancel() == 0)
            {
            }
            await Asyncio.Yield();
            return (timedOut, finished, true);
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_uncancel_resets_must_cancel")]
    public void A_request_taken_back_before_it_arrives_never_does()
    {
        var future = Loop.CreateFuture<int>();
        var task = Loop.CreateTask(Await());
        Loop.RunUntilComplete(Asyncio.Yield());
        future.SetResult(0); // the task is ready, the request waits for its turn

        task.Cancel();
        Assert.Equal(1, task.CancelRequests);
        task.Uncancel();
        Assert.Equal(0, task.CancelRequests);

        Assert.Equal(42, Loop.RunUntilComplete(task));

        async Coroutine<int> Await()
        {
            await future;
            return 42;
        }
    }

    [Fact]
    public void Of_two_requests_one_taken_back_leaves_the_other_to_arrive()
    {
        var future = Loop.CreateFuture<int>();
        var task = Loop.CreateTask(Await());
        RunOnce();
        future.SetResult(0);

        task.Cancel();
        task.Cancel();
        Assert.Equal(1, task.Uncancel());

        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));

        async Coroutine Await() => await future;
    }

    [Fact]
    public void Taking_back_what_was_never_asked_leaves_the_count_at_zero()
    {
        var task = Loop.CreateTask(Asyncio.Yield());

        Assert.Equal(0, task.Uncancel());
        Assert.Equal(0, task.CancelRequests);
        Loop.RunUntilComplete(task);
    }

    [Fact]
    public void Each_request_is_delivered_anew()
    {
        var caught = 0;
        var task = Loop.CreateTask(Stubborn());
        for (var i = 0; i < 4; i++)
        {
            RunOnce();
            task.Cancel();
        }

        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));
        Assert.Equal(3, caught);
        Assert.Equal(4, task.CancelRequests);

        async Coroutine Stubborn()
        {
            while (caught < 3)
            {
                try
                {
                    await Asyncio.Sleep(10);
                }
                catch (CanceledException)
                {
                    caught++;
                }
            }
            await Asyncio.Sleep(10);
        }
    }
}
