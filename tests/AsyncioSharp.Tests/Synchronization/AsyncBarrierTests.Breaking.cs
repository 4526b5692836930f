namespace AsyncioSharp.Tests;

public sealed partial class AsyncBarrierTests
{
    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_reset_barrier")]
    public void Can_be_reset_when_nobody_waits() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(1);
        await barrier.ResetAsync();
        CheckIdle(barrier);
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_reset_barrier_while_tasks_waiting")]
    public void A_reset_breaks_the_waits() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(N);
        var tasks = Tasks(N - 1, barrier.WaitAsync);
        await Asyncio.Yield();

        await barrier.ResetAsync();
        Assert.Equal($"AsyncBarrier [resetting]", barrier.ToString());
        var outcomes = await Asyncio.GatherOutcomes(tasks);

        Assert.All(outcomes, outcome => Assert.IsType<BrokenBarrierException>(outcome.Exception));
        CheckIdle(barrier);
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_reset_barrier_when_tasks_half_draining")]
    public void A_reset_while_it_drains_breaks_the_waits_of_those_who_have_not_left() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(N);
        var (left, broken) = (0, 0);

        await Asyncio.Gather(Tasks(N, Visit));

        Assert.Equal((N - (N / 2), N / 2), (left, broken));
        CheckIdle(barrier);

        async Coroutine<int> Visit()
        {
            try
            {
                await barrier.WaitAsync();
            }
            catch (BrokenBarrierException)
            {
                return broken++;
            }
            if (++left == N - (N / 2))
                await barrier.ResetAsync();
            return 0;
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_reset_barrier_when_tasks_half_draining_half_blocking")]
    public void A_reset_does_not_break_the_waits_of_those_who_wait_for_the_next_time() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(N);
        var (left, brokenInside, brokenOutside) = (0, 0, 0);

        await Asyncio.Gather(Tasks(N, Visit));

        Assert.Equal((N / 2, 0), (brokenInside, brokenOutside));
        CheckIdle(barrier);

        async Coroutine<int> Visit()
        {
            try
            {
                await barrier.WaitAsync();
            }
            catch (BrokenBarrierException)
            {
                brokenInside++;
                return await barrier.WaitAsync();
            }
            if (++left > N / 2)
            {
                await barrier.ResetAsync();
                return await barrier.WaitAsync();
            }
            try
            {
                return await barrier.WaitAsync();
            }
            catch (BrokenBarrierException)
            {
                return brokenOutside++;
            }
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_reset_barrier_while_tasks_waiting_and_waiting_again")]
    public void After_a_reset_the_same_tasks_can_wait_again() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(N);
        var (broken, passed) = (0, 0);
        var tasks = Tasks(N - 1, Visit);
        var reset = Asyncio.CreateTask(barrier.ResetAsync());
        await Asyncio.Yield();

        var last = Asyncio.CreateTask(barrier.WaitAsync());
        await Asyncio.Gather(tasks);

        Assert.Equal((N - 1, N - 1), (broken, passed));
        Assert.True(reset.IsCompletedSuccessfully && last.IsCompletedSuccessfully);
        CheckIdle(barrier);

        async Coroutine<int> Visit()
        {
            try
            {
                await barrier.WaitAsync();
            }
            catch (BrokenBarrierException)
            {
                broken++;
            }
            await barrier.WaitAsync();
            return passed++;
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_reset_barrier_while_tasks_draining")]
    public void The_last_one_to_leave_can_reset_it() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(N);
        var left = 0;

        await Asyncio.WaitFor(Asyncio.Gather(Tasks(N, Visit)), 1);

        CheckIdle(barrier);

        async Coroutine<int> Visit()
        {
            await barrier.WaitAsync();
            if (++left == N)
                await barrier.ResetAsync();
            await barrier.WaitAsync();
            return await barrier.WaitAsync();
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_abort_barrier")]
    public void After_an_abort_nobody_can_wait_until_it_is_reset() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(1);

        await barrier.AbortAsync();

        Assert.Equal((0, true, "AsyncBarrier [broken]"), (barrier.WaitingCount, barrier.IsBroken, barrier.ToString()));
        var broken = await Expect.ThrowsAsync<BrokenBarrierException>(barrier.WaitAsync());
        Assert.Contains("ResetAsync", broken.Message);

        await barrier.ResetAsync();
        Assert.Equal(0, await barrier.WaitAsync());
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_abort_barrier_when_tasks_half_draining_half_blocking")]
    public void An_abort_breaks_every_wait() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(N);
        var (left, brokenInside, brokenOutside) = (0, 0, 0);

        await Asyncio.Gather(Tasks(N, Visit));

        Assert.True(barrier.IsBroken);
        Assert.Equal((N / 2, N - (N / 2) - 1), (brokenInside, brokenOutside));
        Assert.Equal(0, barrier.WaitingCount);

        async Coroutine<int> Visit()
        {
            try
            {
                await barrier.WaitAsync();
            }
            catch (BrokenBarrierException)
            {
                return brokenInside++;
            }
            if (++left > N / 2)
            {
                await barrier.AbortAsync();
                return 0;
            }
            try
            {
                return await barrier.WaitAsync();
            }
            catch (BrokenBarrierException)
            {
                return brokenOutside++;
            }
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_abort_barrier_when_exception")]
    public void A_task_that_fails_can_tell_the_others_by_an_abort() => LoopTest.Run(async () =>
    {
        var barrier = new AsyncBarrier(N);
        var (passedTwice, broken) = (0, 0);

        await Asyncio.Gather(Tasks(N, Visit));

        Assert.Equal((true, 0, N - 1), (barrier.IsBroken, passedTwice, broken));

        async Coroutine<int> Visit()
        {
            try
            {
                if (await barrier.WaitAsync() == N / 2)
                    throw new FormatException();
                await barrier.WaitAsync();
                return passedTwice++;
            }
            catch (BrokenBarrierException)
            {
                return broken++;
            }
            catch (FormatException)
            {
                await barrier.AbortAsync();
                return 0;
            }
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "BarrierTests", "test_abort_barrier_when_exception_then_resetting")]
    public void An_aborted_one_can_be_made_whole_by_a_reset() => LoopTest.Run(async () =>
    {
        var (barrier, other) = (new AsyncBarrier(N), new AsyncBarrier(N));
        var (broken, passed) = (0, 0);

        await Asyncio.Gather(Tasks(N, Visit));

        Assert.Equal((N - 1, N), (broken, passed));
        CheckIdle(barrier);

        async Coroutine<int> Visit()
        {
            try
            {
                if (await barrier.WaitAsync() == N / 2)
                    throw new FormatException();
                await barrier.WaitAsync();
            }
            catch (BrokenBarrierException)
            {
                broken++;
            }
            catch (FormatException)
            {
                await barrier.AbortAsync();
            }

            // Everybody has left before the reset, and nobody comes before it is done.
            if (await other.WaitAsync() == N / 2)
                await barrier.ResetAsync();
            await other.WaitAsync();
            await barrier.WaitAsync();
            return passed++;
        }
    });
}
