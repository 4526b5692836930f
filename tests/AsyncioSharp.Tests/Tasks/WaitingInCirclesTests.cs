namespace AsyncioSharp.Tests.Tasks;

/// <summary>Tasks that wait for each other in a circle, which nothing but a cancellation can end.</summary>
public sealed class WaitingInCirclesTests
{
    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(8, false)]
    [InlineData(3, true)]
    public void Cancelling_ends_all_of_them(int count, bool fromOutside) => LoopTest.Run(async () =>
    {
        var tasks = new AsyncioTask[count];
        for (var i = 0; i < count; i++)
            tasks[i] = Asyncio.CreateTask(WaitFor((i + 1) % count));
        var outside = Asyncio.CreateTask(WaitFor(0));
        await Expect.Turns(3);

        (fromOutside ? outside : tasks[0]).Cancel();
        await Asyncio.Wait([.. tasks, outside]);

        Assert.All(tasks, task => Assert.True(task.IsCanceled));

        async Coroutine WaitFor(int other) => await tasks[other];
    });

    public enum Through
    {
        Task,
        Gather,
        ForeignCode,
    }

    // What a task waits for passes the request on, to tasks that wait for this one.
    [Theory]
    [InlineData(Through.Gather, Through.Task)]
    [InlineData(Through.Task, Through.Gather)]
    [InlineData(Through.Gather, Through.Gather)]
    [InlineData(Through.ForeignCode, Through.Task)]
    [InlineData(Through.Task, Through.ForeignCode)]
    [InlineData(Through.ForeignCode, Through.Gather)]
    [InlineData(Through.Gather, Through.ForeignCode)]
    public void Cancelling_ends_them_also_where_something_stands_between_them(Through first, Through second) => LoopTest.Run(async () =>
    {
        AsyncioTask[] tasks = [null!, null!];
        tasks[0] = Asyncio.CreateTask(WaitFor(1, first));
        tasks[1] = Asyncio.CreateTask(WaitFor(0, second));
        await Expect.Turns(3);

        tasks[0].Cancel();
        await Asyncio.Wait(tasks);

        Assert.All(tasks, task => Assert.True(task.IsCanceled));

        async Coroutine WaitFor(int other, Through through)
        {
            if (through == Through.Task)
                await tasks[other];
            else if (through == Through.Gather)
                await Asyncio.Gather(tasks[other]);
            else
                await ForeignCode(other);
        }

        async Task ForeignCode(int other) => await tasks[other];
    });

    [Fact]
    public void A_task_that_gathers_itself_can_be_cancelled() => LoopTest.Run(async () =>
    {
        AsyncioTask task = null!;
        task = Asyncio.CreateTask(GatherItself());
        await Expect.Turns(3);

        task.Cancel();
        await Asyncio.Wait([task]);

        Assert.True(task.IsCanceled);

        async Coroutine GatherItself() => await Asyncio.Gather(task);
    });

    [Fact]
    public void A_timeout_in_one_of_them_takes_its_own_cancellation_for_that() => LoopTest.Run(async () =>
    {
        AsyncioTask other = null!;
        var task = Asyncio.CreateTask(WaitWithTimeout());
        other = Asyncio.CreateTask(WaitFor(task));
        await Asyncio.Wait([task, other]);

        Assert.True(other.IsCanceled);
        Assert.Equal(0, await task);

        async Coroutine<int> WaitWithTimeout()
        {
            await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(1, async _ => await other));
            return Asyncio.CurrentTask!.CancelRequests;
        }

        async Coroutine WaitFor(AsyncioTask task) => await task;
    });
}
