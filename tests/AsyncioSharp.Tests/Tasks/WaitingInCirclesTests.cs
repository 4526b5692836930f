using AsyncioSharp.LowLevel;

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

    // The request comes back to the first, which cannot leave; those who have nothing to do with the circle end once all the same.
    [Theory]
    [InlineData("future")]
    [InlineData("gather")]
    [InlineData("task")]
    [InlineData("sleep")]
    public void Who_stands_beside_the_circle_is_cancelled_once(string waitsFor) => LoopTest.Run(async () =>
    {
        AsyncioTask gathering = null!;
        var canceled = 0;
        var first = Asyncio.CreateTask(WaitInForeignCode());
        var beside = Asyncio.CreateTask(Beside());
        gathering = Asyncio.CreateTask(GatherBoth());
        await Expect.Turns(3);

        first.Cancel("reason");
        await Asyncio.Wait([beside]);
        await Expect.Turns(3);
        Assert.Equal(1, canceled);
        Assert.Equal("goes on", await beside);

        gathering.Cancel();
        await Asyncio.Wait([first, gathering]);
        Assert.True(first.IsCanceled && gathering.IsCanceled);

        async Coroutine WaitInForeignCode() => await ForeignCode();

        async Task ForeignCode() => await gathering;

        async Coroutine GatherBoth() => await Asyncio.Gather(first, beside);

        async Coroutine<string> Beside()
        {
            try
            {
                var future = EventLoop.Running.CreateFuture<int>();
                await (waitsFor switch
                {
                    "future" => (IAwaitable)future,
                    "gather" => Asyncio.Gather(Asyncio.Sleep(1000), Asyncio.Sleep(1000)),
                    "task" => Asyncio.CreateTask(Asyncio.Sleep(1000)),
                    _ => Asyncio.Sleep(1000),
                });
            }
            catch (CanceledException)
            {
                canceled++;
            }
            await Asyncio.Sleep(1);
            return "goes on";
        }
    });

    [Fact]
    public void Each_is_asked_once_also_those_in_the_middle() => LoopTest.Run(async () =>
    {
        AsyncioTask first = null!;
        var second = Asyncio.CreateTask(GatherFirst());
        first = Asyncio.CreateTask(WaitWithTimeout());

        await Asyncio.Wait([first, second]);

        Assert.True(second.IsCanceled);
        await first;

        async Coroutine GatherFirst() => await Asyncio.Gather(first);

        async Coroutine WaitWithTimeout()
        {
            await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(1, async _ => await second));
            Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
        }
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_scope_in_one_of_them_takes_its_own_cancellation_for_that(bool gathers) => LoopTest.Run(async () =>
    {
        AsyncioTask other = null!;
        var task = Asyncio.CreateTask(WaitInScope());
        other = Asyncio.CreateTask(WaitForTask());
        await Asyncio.Wait([task, other]);

        await task;

        async Coroutine WaitInScope()
        {
            await Asyncio.MoveOnAfter(1, async _ =>
            {
                if (gathers)
                    await Asyncio.Gather(other);
                else
                    await other;
            });
            Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
        }

        async Coroutine WaitForTask() => await task;
    });

    [Fact]
    public void What_a_callback_of_a_token_cancels_is_no_circle() => LoopTest.Run(async () =>
    {
        AsyncioTask main = null!;
        var hasEnded = false;
        var child = Asyncio.CreateTask(CancelMainWhenCanceled());
        main = Asyncio.CreateTask(GatherChild());
        await Expect.Turns(3);

        main.Cancel();
        await Asyncio.Wait([main]);

        Assert.True(hasEnded);
        Assert.Equal(2, main.CancelRequests);

        async Coroutine GatherChild() => await Asyncio.Gather(child);

        async Coroutine CancelMainWhenCanceled()
        {
            using (Asyncio.CancellationToken.Register(() => main.Cancel()))
            {
                try
                {
                    await Asyncio.Sleep(1000);
                }
                finally
                {
                    await Asyncio.Shielded(async () => await Asyncio.Sleep(1));
                    hasEnded = true;
                }
            }
        }
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
