namespace AsyncioSharp.Tests.Coroutines;

/// <summary>Await chains a million deep, on a thread whose stack would hold a few thousand frames.</summary>
public class DeepChainTests
{
    private const int Depth = 1_000_000;
    private const int StackSize = 256 * 1024;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_result_comes_up(bool suspends)
    {
        OnSmallStack(() => Assert.Equal(Depth, LoopTest.Run(() => Down(Depth, suspends ? Yielding : Returning))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_result_comes_up_through_handlers(bool suspends)
    {
        OnSmallStack(() => Assert.Equal(Depth, LoopTest.Run(() => DownWithFinally(Depth, suspends ? Yielding : Returning))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cancellation_comes_up(bool handlers)
    {
        OnSmallStack(() => LoopTest.Run(async () =>
        {
            var task = Asyncio.CreateTask(handlers ? DownWithFinally(Depth / 500, Sleeping) : Down(Depth, Sleeping));
            await Asyncio.Yield();
            task.Cancel("from the bottom");
            var cancelled = await Expect.ThrowsAsync<CanceledException>(task);
            Assert.Equal("from the bottom", cancelled.CancelMessage);
        }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_failure_comes_up(bool suspends)
    {
        // Not as deep: each frame adds a line to the trace, and .NET copies it each time.
        OnSmallStack(() => LoopTest.Run(async () =>
        {
            var failure = await Expect.ThrowsAsync<FormatException>(() => Down(2_000, suspends ? FailingLater : FailingAtOnce));
            Assert.Equal("from the bottom", failure.Message);
        }));
    }

    [Fact]
    public void A_chain_of_tasks_that_await_each_other_is_cancelled()
    {
        OnSmallStack(() => LoopTest.Run(async () =>
        {
            var task = Asyncio.CreateTask((Coroutine)Sleeping());
            for (var i = 0; i < 100_000; i++)
                task = Asyncio.CreateTask(Await(task));
            await Asyncio.Yield();
            task.Cancel("from the top");
            Assert.Equal("from the top", (await Expect.ThrowsAsync<CanceledException>(task)).CancelMessage);
        }));

        static async Coroutine Await(AsyncioTask task) => await task;
    }

    [Fact]
    public void Frames_that_loop_over_completed_children_stay_where_they_are()
    {
        OnSmallStack(() => LoopTest.Run(async () =>
        {
            var sum = 0L;
            for (var i = 0; i < Depth; i++)
                sum += await Returning();
            Assert.Equal(0, sum);
        }));
    }

    private static async Coroutine<int> Down(int depth, Func<Coroutine<int>> deepest) =>
        depth == 0 ? await deepest() : 1 + await Down(depth - 1, deepest);

    private static async Coroutine<int> DownWithFinally(int depth, Func<Coroutine<int>> deepest)
    {
        var result = 0;
        try
        {
            result = depth == 0 ? await deepest() : 1 + await DownWithFinally(depth - 1, deepest);
        }
        finally
        {
            result += 0;
        }
        return result;
    }

    private static async Coroutine<int> Returning()
    {
        await Coroutine.Completed;
        return 0;
    }

    private static async Coroutine<int> Yielding()
    {
        await Asyncio.Yield();
        return 0;
    }

    private static async Coroutine<int> Sleeping()
    {
        await Asyncio.Sleep(1);
        return 0;
    }

    private static async Coroutine<int> FailingAtOnce()
    {
        await Coroutine.Completed;
        throw new FormatException("from the bottom");
    }

    private static async Coroutine<int> FailingLater()
    {
        await Asyncio.Yield();
        throw new FormatException("from the bottom");
    }

    private static void OnSmallStack(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        }, StackSize);
        thread.Start();
        thread.Join();
        if (failure is not null)
            throw new AggregateException(failure);
    }
}
