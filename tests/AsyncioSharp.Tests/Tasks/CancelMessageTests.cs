namespace AsyncioSharp.Tests.Tasks;

public class CancelMessageTests : OnVirtualLoop
{
    [Theory]
    [InlineData(null)]
    [InlineData("my message")]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel_with_message_then_future_result")]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel_with_message_then_future_exception")]
    public void The_message_is_found_in_result_and_exception(string? message)
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var task = Asyncio.CreateTask(Asyncio.Sleep(TimeSpan.FromSeconds(10), 1));
            await Asyncio.Yield();
            task.Cancel(message);
            await Asyncio.Wait([task]);
            Assert.Equal(message, Assert.Throws<CanceledException>(() => task.Result).CancelMessage);
            Assert.Equal(message, Assert.Throws<CanceledException>(() => task.Exception).CancelMessage);
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_cancel_with_message_before_starting_task")]
    public void The_message_is_kept_where_the_task_never_began()
    {
        Loop.RunUntilComplete(Check());

        static async Coroutine Check()
        {
            var task = Asyncio.CreateTask(Asyncio.Sleep(10));
            task.Cancel("my message");
            await Asyncio.Wait([task]);
            Assert.Equal("my message", Assert.Throws<CanceledException>(() => task.Exception).CancelMessage);
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_task_cancel_message_getter")]
    public void The_message_reaches_whoever_runs_the_loop()
    {
        var task = Loop.CreateTask(Asyncio.Sleep(10));
        RunOnce();

        task.Cancel("my message");

        Assert.Equal("my message", Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task)).CancelMessage);
    }

    [Fact]
    public void The_message_passes_tasks_that_wait_for_each_other()
    {
        var inner = Loop.CreateTask(Asyncio.Sleep(10));
        var middle = Loop.CreateTask(Await(inner));
        var outer = Loop.CreateTask(Await(middle));
        RunOnce();

        outer.Cancel("from outside");

        Assert.Equal("from outside", Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(outer)).CancelMessage);
        Assert.True(inner.IsCanceled && middle.IsCanceled);
        Assert.Equal((1, 1, 1), (inner.CancelRequests, middle.CancelRequests, outer.CancelRequests));
    }

    [Fact]
    public void The_last_message_wins_before_the_task_runs()
    {
        var task = Loop.CreateTask(Asyncio.Sleep(10));

        task.Cancel("first");
        task.Cancel("second");

        Assert.Equal("second", Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task)).CancelMessage);
    }

    [Fact]
    public void The_message_is_seen_by_handlers_on_its_way()
    {
        var seen = new List<string?>();
        var task = Loop.CreateTask(Outer());
        RunOnce();

        task.Cancel("why");

        Assert.Equal("why", Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task)).CancelMessage);
        Assert.Equal(["inner why", "outer why"], seen);

        async Coroutine Outer()
        {
            try
            {
                await Through();
            }
            catch (CanceledException e)
            {
                seen.Add($"outer {e.CancelMessage}");
                throw;
            }
        }

        async Coroutine Through() => await Inner();

        async Coroutine Inner()
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            catch (CanceledException e)
            {
                seen.Add($"inner {e.CancelMessage}");
                throw;
            }
        }
    }

    [Fact]
    public void A_finally_block_may_wait_during_a_cancellation()
    {
        var cleaned = false;
        var task = Loop.CreateTask(Work());
        RunOnce();

        task.Cancel("with a message");

        Assert.Equal("with a message", Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(task)).CancelMessage);
        Assert.True(cleaned);
        Assert.Equal(TimeSpan.FromSeconds(1), Loop.Time);

        async Coroutine Work()
        {
            try
            {
                await Asyncio.Sleep(10);
            }
            finally
            {
                await Asyncio.Sleep(1);
                cleaned = true;
            }
        }
    }

    private static async Coroutine Await(AsyncioTask task) => await task;
}
