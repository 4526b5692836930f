using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed partial class AsyncBarrierTests
{
    private const int N = 5;

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_barrier")]
    [CPythonTest("test_locks.py", "BarrierTests", "test_barrier_parties")]
    public void Waits_for_one_task_at_least()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new AsyncBarrier(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AsyncBarrier(-4));

        var barrier = new AsyncBarrier(N);
        Assert.Equal((N, 0, false), (barrier.ParticipantCount, barrier.WaitingCount, barrier.IsBroken));
    }

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_context_manager")]
    public void Gives_each_task_a_number_of_its_own() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(3);

        var numbers = await Asyncio.Gather(Tasks(3, barrier.WaitAsync));

        Assert.Equal([0, 1, 2], numbers);
        CheckIdle(barrier);
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_filling_one_task")]
    [CPythonTest("test_locks.py", "BarrierTests", "test_filling_one_task_twice")]
    public void A_single_participant_need_not_wait() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(1);
        var turned = false;
        EventLoop.Running.CallSoon(() => turned = true);

        Assert.Equal(0, await barrier.WaitAsync());
        Assert.Equal(0, await barrier.WaitAsync());

        Assert.False(turned);
        CheckIdle(barrier);
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_filling_task_by_task")]
    public void Counts_who_waits() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(3);
        var tasks = new List<AsyncioTask>();
        for (var i = 1; i < 3; i++)
        {
            tasks.Add(Asyncio.CreateTask(barrier.WaitAsync()));
            await Asyncio.Yield();
            Assert.Equal(i, barrier.WaitingCount);
        }
        tasks.Add(Asyncio.CreateTask(barrier.WaitAsync()));

        await Asyncio.Wait(tasks);

        CheckIdle(barrier);
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_filling_tasks_wait_twice")]
    [CPythonTest("test_locks.py", "BarrierTests", "test_filling_tasks_check_return_value")]
    public void Can_be_used_again() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(N);
        var log = new List<int>();

        var numbers = await Asyncio.Gather(Tasks(N, Twice));

        Assert.Equal([.. Enumerable.Repeat(1, N), .. Enumerable.Repeat(2, N)], log);
        Assert.Equal(Enumerable.Range(0, N), numbers.Order());
        CheckIdle(barrier);

        async Coroutine<int> Twice()
        {
            await barrier.WaitAsync();
            log.Add(1);
            var number = await barrier.WaitAsync();
            log.Add(2);
            return number;
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_draining_state")]
    public void Drains_until_the_last_one_has_left() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(N);
        var states = new List<bool>();

        await Asyncio.Gather(Tasks(N, Look));

        Assert.Equal([.. Enumerable.Repeat(true, N - 1), false], states);

        async Coroutine<int> Look()
        {
            var number = await barrier.WaitAsync();
            states.Add(barrier.ToString().Contains("draining", StringComparison.Ordinal));
            return number;
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_blocking_tasks_while_draining")]
    public void Who_comes_again_too_early_waits_until_the_others_have_left() => LoopTest.Run(async () =>
    {
        var (barrier, slow) = (new AsyncBarrier(N), new AsyncBarrier(N - 2));
        var hurried = 2;

        await Asyncio.WaitFor(Asyncio.Gather(Tasks(N, Visit)), 1);

        CheckIdle(barrier);
        CheckIdle(slow);

        async Coroutine<int> Visit()
        {
            await barrier.WaitAsync();
            if (hurried-- <= 0)
                await slow.WaitAsync(); // passed by exactly as many as did not hurry
            return await barrier.WaitAsync();
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_filling_tasks_cancel_one")]
    public void A_cancelled_task_does_not_count() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(3);
        var first = Asyncio.CreateTask(barrier.WaitAsync());
        var second = Asyncio.CreateTask(barrier.WaitAsync());
        await Asyncio.Yield();
        Assert.Equal(2, barrier.WaitingCount);

        first.Cancel();
        await Asyncio.Yield();
        Assert.Equal(1, barrier.WaitingCount);
        Assert.True(first.IsCanceled);

        var third = Asyncio.CreateTask(barrier.WaitAsync());
        await Asyncio.Yield();
        Assert.Equal(2, barrier.WaitingCount);

        await Asyncio.Gather(second, third, Asyncio.CreateTask(barrier.WaitAsync()));
        CheckIdle(barrier);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_task_cancelled_while_it_leaves_lets_the_others_leave_too(int turns) => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(3);
        var tasks = Tasks(3, barrier.WaitAsync);
        await Asyncio.Yield();
        await Expect.Turns(turns);

        tasks[0].Cancel();
        await Asyncio.Wait(tasks);

        Assert.True(tasks[1].IsCompletedSuccessfully && tasks[2].IsCompletedSuccessfully);
        CheckIdle(barrier);
        await Asyncio.Gather(Tasks(3, barrier.WaitAsync));
    });

    [Fact]
    public void Waiting_on_a_second_loop_is_an_error_that_says_so()
    {
        var barrier = new AsyncBarrier(2);
        LoopTest.Run(async () => await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(barrier.WaitAsync(), 1)));

        LoopTest.Run(async () =>
        {
            var misuse = await Expect.ThrowsAsync<InvalidOperationException>(barrier.WaitAsync());
            Assert.Contains("another event loop", misuse.Message);
            Assert.Equal(0, barrier.WaitingCount);
        });
    }

    private static AsyncioTask<int>[] Tasks(int count, Func<Coroutine<int>> coroutine) =>
        [.. Enumerable.Range(0, count).Select(_ => Asyncio.CreateTask(coroutine()))];

    private static void CheckIdle(AsyncBarrier barrier) =>
        Assert.Equal($"AsyncBarrier [filling, waiters:0/{barrier.ParticipantCount}]", barrier.ToString());
}
