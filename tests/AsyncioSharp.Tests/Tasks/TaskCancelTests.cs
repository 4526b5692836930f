namespace AsyncioSharp.Tests.Tasks;

public class TaskCancelTests : OnVirtualLoop
{
    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel")]
    public void A_sleeping_task_is_cancelled_at_once()
    {
        var task = Loop.CreateTask(Work());
        Loop.CallSoon(() => task.Cancel());

        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));

        Assert.True(task.IsCompleted);
        Assert.True(task.IsCanceled);
        Assert.False(task.Cancel());
        Assert.Equal(TimeSpan.Zero, Loop.Time);

        static async Coroutine<int> Work()
        {
            await Asyncio.Sleep(10);
            return 12;
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel_yield")]
    public void A_task_between_two_turns_is_cancelled_in_the_next()
    {
        var steps = 0;
        var task = Loop.CreateTask(Work());
        RunOnce();

        task.Cancel();

        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));
        Assert.True(task.IsCanceled);
        Assert.False(task.Cancel());
        Assert.Equal(1, steps);

        async Coroutine<int> Work()
        {
            steps++;
            await Asyncio.Yield();
            steps++;
            await Asyncio.Yield();
            return 12;
        }
    }

    [Fact]
    public void A_task_cancelled_before_its_first_turn_never_begins()
    {
        var began = false;
        var task = Loop.CreateTask(Work());

        task.Cancel();
        RunOnce();

        Assert.True(task.IsCanceled);
        Assert.False(began);

        async Coroutine Work()
        {
            try
            {
                began = true;
                await Asyncio.Yield();
            }
            catch (CanceledException)
            {
                began = true;
            }
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel_inner_future")]
    public void A_task_whose_future_is_cancelled_is_cancelled()
    {
        var future = Loop.CreateFuture<int>();
        var task = Loop.CreateTask(Await(future));
        RunOnce();

        future.Cancel();

        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));
        Assert.True(future.IsCanceled);
        Assert.True(task.IsCanceled);
        Assert.Equal(0, task.CancelRequests);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel_both_task_and_inner_future")]
    public void Cancelling_the_future_and_the_task_cancels_both()
    {
        var future = Loop.CreateFuture<int>();
        var task = Loop.CreateTask(Await(future));
        RunOnce();

        future.Cancel();
        task.Cancel();

        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));
        Assert.True(future.IsCanceled);
        Assert.True(task.IsCanceled);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_task_cancel_waiter_future")]
    public void Cancelling_a_task_cancels_the_future_it_waits_for()
    {
        var future = Loop.CreateFuture<int>();
        var task = Loop.CreateTask(Await(future));
        RunOnce();

        task.Cancel();
        Assert.True(future.IsCanceled);
        RunOnce();

        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));
        Assert.True(task.IsCanceled);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel_task_catching")]
    public void A_task_that_catches_its_cancellation_ends_with_a_result()
    {
        var (first, second) = (Loop.CreateFuture<int>(), Loop.CreateFuture<int>());
        var task = Loop.CreateTask(Work());
        RunOnce();
        first.SetResult(0);
        RunOnce();

        task.Cancel();

        Assert.True(second.IsCanceled);
        Assert.Equal(42, Loop.RunUntilComplete(task));
        Assert.False(task.IsCanceled);

        async Coroutine<int> Work()
        {
            await first;
            try
            {
                return await second;
            }
            catch (CanceledException)
            {
                return 42;
            }
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel_task_ignoring")]
    public void A_task_that_ignores_its_cancellation_goes_on_waiting()
    {
        var (first, second) = (Loop.CreateFuture<int>(), Loop.CreateFuture<int>());
        var task = Loop.CreateTask(Work());
        RunOnce();

        task.Cancel();
        Assert.True(first.IsCanceled);
        RunOnce();
        second.SetResult(42);

        Assert.Equal(42, Loop.RunUntilComplete(task));
        Assert.False(task.IsCanceled);
        Assert.Equal(1, task.CancelRequests);

        async Coroutine<int> Work()
        {
            try
            {
                await first;
            }
            catch (CanceledException)
            {
            }
            return await second;
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel_current_task")]
    public void A_task_that_cancels_itself_is_cancelled_at_its_next_wait()
    {
        AsyncioTask task = null!;
        task = Loop.CreateTask(Work());

        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));

        Assert.True(task.IsCanceled);
        Assert.False(task.Cancel());
        Assert.Equal(TimeSpan.Zero, Loop.Time);

        async Coroutine Work()
        {
            task.Cancel();
            await Asyncio.Sleep(100);
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel_at_end")]
    public void A_task_that_cancels_itself_in_its_last_step_is_cancelled()
    {
        AsyncioTask<int> task = null!;
        task = Loop.CreateTask(Work());

        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));

        Assert.True(task.IsCanceled);
        Assert.False(task.Cancel());

        async Coroutine<int> Work()
        {
            await Coroutine.Completed;
            task.Cancel("at the end");
            return 12;
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel_awaited_task")]
    public void A_task_that_cancels_itself_takes_the_task_it_awaits_next_with_it()
    {
        AsyncioTask task = null!, nested = null!;
        var future = Loop.CreateFuture<int>();
        task = Loop.CreateTask(Work());

        Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task));

        Assert.True(task.IsCanceled);
        Assert.True(nested.IsCanceled);
        Assert.True(future.IsCanceled);

        async Coroutine Work()
        {
            nested = Asyncio.CreateTask((Coroutine)Await(future));
            await Asyncio.Yield();
            task.Cancel();
            await nested;
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_yield_future_passes_cancel")]
    public void A_cancellation_passes_every_frame_up_to_the_one_that_catches_it()
    {
        var proof = 0;
        var waiter = Loop.CreateFuture<int>();
        var task = Loop.CreateTask(Outer());
        RunOnce();

        task.Cancel();
        Loop.RunUntilComplete(task);

        Assert.Equal(101, proof);
        Assert.True(waiter.IsCanceled);

        async Coroutine Inner()
        {
            try
            {
                await waiter;
            }
            catch (CanceledException)
            {
                proof += 1;
                throw;
            }
        }

        async Coroutine Outer()
        {
            try
            {
                await Inner();
                proof += 10;
            }
            catch (CanceledException)
            {
                proof += 100;
            }
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_baseexception_during_cancel")]
    public void What_is_thrown_instead_of_a_cancellation_is_what_the_task_ends_with()
    {
        var failure = new FormatException();
        var task = Loop.CreateTask(Work());
        RunOnce();

        task.Cancel();
        Assert.False(task.IsCompleted);
        RunOnce();

        Assert.True(task.IsCompleted);
        Assert.False(task.IsCanceled);
        Assert.Same(failure, task.Exception);

        async Coroutine Work()
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            catch (CanceledException)
            {
                throw failure;
            }
        }
    }

    private static async Coroutine<int> Await(Future<int> future)
    {
        await future;
        return 12;
    }
}
