namespace AsyncioSharp.Tests.Coroutines;

/// <summary>
/// Methods without handlers are not run when they are cancelled, nor looked at once it is known that they have none. Each program
/// runs several times, as the first cancellation of a method is the one that finds out.
/// </summary>
public class UnnoticedCancellationTests
{
    private const int Times = 4;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)] // from here on frames do not run inside each other
    [InlineData(17)]
    [InlineData(100)]
    public void Whoever_can_notice_it_does_wherever_it_stands(int depth)
    {
        LoopTest.Run(async () =>
        {
            for (var i = 0; i < Times; i++)
            {
                foreach (var handler in new[] { 0, 1, depth / 2, depth - 1, depth })
                {
                    var noticed = 0;
                    var task = Asyncio.CreateTask(Below(depth, handler, () => noticed++));
                    await Asyncio.Yield();
                    Assert.True(task.Cancel("why"));
                    Assert.Equal("why", (await Expect.ThrowsAsync<CanceledException>(task)).CancelMessage);
                    Assert.Equal(1, noticed);
                }
            }
        });

        static async Coroutine Below(int depth, int handler, Action notice)
        {
            if (depth == handler)
                await Noticing(depth, notice);
            else if (depth > 0)
                await Below(depth - 1, handler, notice);
            else
                await Asyncio.Sleep(1);
        }

        static async Coroutine Noticing(int depth, Action notice)
        {
            try
            {
                await Below(depth - 1, handler: -2, notice);
            }
            finally
            {
                notice();
            }
        }
    }

    [Fact]
    public void A_method_that_awaits_on_after_a_cancellation_that_was_caught_is_none_that_ended()
    {
        LoopTest.Run(async () =>
        {
            for (var i = 0; i < Times; i++)
            {
                var task = Asyncio.CreateTask(Outer());
                await Asyncio.Yield();
                task.Cancel();
                Assert.Equal(3, await task);
            }
        });

        static async Coroutine<int> Outer() => await Middle() + 1;

        static async Coroutine<int> Middle()
        {
            try
            {
                return await Inner(0);
            }
            catch (CanceledException)
            {
                Asyncio.CurrentTask!.Uncancel();
                return await Inner(2);
            }
        }

        static async Coroutine<int> Inner(int result)
        {
            await Asyncio.Sleep(1);
            return result;
        }
    }

    [Fact]
    public void More_than_are_kept_for_reuse_are_cancelled_and_the_next_calls_are_right()
    {
        LoopTest.Run(async () =>
        {
            for (var i = 0; i < 2; i++)
            {
                var tasks = Enumerable.Range(0, 1000).Select(number => Asyncio.CreateTask(Sum(5, number, TimeSpan.FromDays(1)))).ToArray();
                await Asyncio.Yield();
                foreach (var task in tasks)
                    task.Cancel();
                await Asyncio.Wait(tasks);
                Assert.All(tasks, task => Assert.True(task.IsCanceled));
                _ = Assert.Single(Asyncio.AllTasks());

                var sums = await Asyncio.Gather(Enumerable.Range(0, 1000).Select(number => Sum(5, number, TimeSpan.FromTicks(number + 1))));
                Assert.Equal(Enumerable.Range(0, 1000).Select(number => 5 + number), sums);
            }
        });

        static async Coroutine<int> Sum(int depth, int number, TimeSpan delay)
        {
            if (depth > 0)
                return 1 + await Sum(depth - 1, number, delay);
            await Asyncio.Sleep(delay);
            return number;
        }
    }

    [Fact]
    public void Async_code_of_NETs_that_awaits_it_is_told()
    {
        LoopTest.Run(async () =>
        {
            var told = 0;
            for (var i = 0; i < Times; i++)
            {
                var task = Asyncio.CreateTask(Ours(() => told++));
                await Asyncio.Yield();
                task.Cancel();
                await Expect.ThrowsAsync<CanceledException>(task);
            }
            Assert.Equal(Times, told);
        });

        static async Coroutine Ours(Action tell) => await Theirs(tell);

        static async Task Theirs(Action tell)
        {
            try
            {
                await Sleeping(3);
            }
            catch (OperationCanceledException)
            {
                tell();
                throw;
            }
        }

        static async Coroutine Sleeping(int depth)
        {
            if (depth > 0)
                await Sleeping(depth - 1);
            else
                await Asyncio.Sleep(1);
        }
    }
}
