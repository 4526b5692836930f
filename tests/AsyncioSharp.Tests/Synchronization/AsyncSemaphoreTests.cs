using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed class AsyncSemaphoreTests
{
    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_initial_value_zero")]
    public void Without_places_it_is_locked()
    {
        Assert.True(new AsyncSemaphore(0).IsLocked);
        Assert.False(new AsyncSemaphore().IsLocked);
    }

    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_semaphore_value")]
    public void Cannot_have_fewer_places_than_none() => Assert.Throws<ArgumentOutOfRangeException>(() => new AsyncSemaphore(-1));

    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_semaphore")]
    public void Has_one_place_unless_told_otherwise() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore();

        using (await semaphore.AcquireAsync())
            Assert.True(semaphore.IsLocked);

        Assert.False(semaphore.IsLocked);
    });

    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_acquire")]
    public void Lets_as_many_through_as_it_has_places() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore(3);
        var entered = new List<int>();
        await semaphore.AcquireAsync();
        await semaphore.AcquireAsync();
        Assert.False(semaphore.IsLocked);

        var tasks = new List<AsyncioTask> { Enter(1), Enter(2), Enter(3) };
        await Asyncio.Yield();
        Assert.Equal([1], entered);
        Assert.True(semaphore.IsLocked);

        tasks.Add(Enter(4));
        semaphore.Release();
        semaphore.Release();
        await Asyncio.Yield();
        Assert.Equal([1, 2, 3], entered);
        Assert.True(semaphore.IsLocked);

        semaphore.Release();
        await Asyncio.Wait(tasks);
        Assert.Equal([1, 2, 3, 4], entered);

        AsyncioTask Enter(int who) => Asyncio.CreateTask(EnterAsync(semaphore, entered, who));
    });

    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_acquire_cancel")]
    public void A_cancelled_task_leaves_the_line() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore();
        await semaphore.AcquireAsync();
        var acquire = Asyncio.CreateTask(semaphore.AcquireAsync());
        EventLoop.Running.CallSoon(() => acquire.Cancel());

        await Expect.ThrowsAsync<CanceledException>(acquire);

        semaphore.Release();
        Assert.False(semaphore.IsLocked);
    });

    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_acquire_cancel_before_awoken")]
    public void A_place_goes_to_the_first_that_was_not_cancelled() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore(0);
        var tasks = Enumerable.Range(0, 4).Select(_ => Asyncio.CreateTask(semaphore.AcquireAsync())).ToArray();
        await Asyncio.Yield();

        tasks[0].Cancel();
        tasks[1].Cancel();
        semaphore.Release();
        await Expect.Turns(2);

        Assert.True(tasks[2].IsCompletedSuccessfully);
        Assert.False(tasks[3].IsCompleted);
        tasks[3].Cancel();
        await Asyncio.Yield();
    });

    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_acquire_hang")]
    public void A_cancellation_just_before_a_release_does_not_lose_the_place() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore(0);
        var first = Asyncio.CreateTask(semaphore.AcquireAsync());
        var second = Asyncio.CreateTask(semaphore.AcquireAsync());
        await Asyncio.Yield();

        first.Cancel();
        semaphore.Release();
        await Expect.Turns(2);

        Assert.True(semaphore.IsLocked);
        Assert.True(second.IsCompletedSuccessfully);
        Assert.True(first.IsCanceled);
    });

    [Fact]
    public void A_place_handed_to_a_task_that_is_cancelled_goes_to_the_next() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore(0);
        var first = Asyncio.CreateTask(semaphore.AcquireAsync());
        var second = Asyncio.CreateTask(semaphore.AcquireAsync());
        await Asyncio.Yield();

        semaphore.Release();
        first.Cancel();
        await Expect.Turns(2);

        Assert.True(first.IsCanceled);
        Assert.True(second.IsCompletedSuccessfully);
        semaphore.Release();
        Assert.False(semaphore.IsLocked);
    });

    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_acquire_no_hang")]
    public void A_cancelled_waiter_of_a_released_place_leaves_it_free() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore(1);
        AsyncioTask? second = null;
        var first = Asyncio.CreateTask(First());
        second = Asyncio.CreateTask(Second());

        await Asyncio.Wait([first, second]);

        Assert.True(first.IsCompletedSuccessfully);
        Assert.True(second.IsCanceled);
        await Asyncio.WaitFor(semaphore.AcquireAsync(), 1);

        async Coroutine First()
        {
            using (await semaphore.AcquireAsync())
                await Asyncio.Yield();
            second!.Cancel();
        }

        async Coroutine Second()
        {
            using (await semaphore.AcquireAsync())
                Assert.Fail("It was cancelled.");
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_release_no_waiters")]
    public void Can_be_released_when_nobody_waits() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore();
        await semaphore.AcquireAsync();
        Assert.True(semaphore.IsLocked);

        semaphore.Release();

        Assert.False(semaphore.IsLocked);
        Assert.True(semaphore.TryAcquire());
        Assert.False(semaphore.TryAcquire());
    });

    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_acquire_fifo_order")]
    public void Nobody_overtakes_those_who_wait() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore();
        var log = new List<string>();

        await TaskGroup.RunAsync(async group =>
        {
            foreach (var who in new[] { "a", "b", "c" })
                group.StartSoon(EnterTwice(who));
        });

        Assert.Equal("a1 b1 c1 a2 b2 c2", string.Join(" ", log));

        async Coroutine EnterTwice(string who)
        {
            for (var round = 1; round <= 2; round++)
            {
                using (await semaphore.AcquireAsync())
                {
                    log.Add($"{who}{round}");
                    await Asyncio.Sleep(0.01);
                }
            }
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_acquire_fifo_order_2")]
    public void A_task_that_releases_and_asks_again_goes_to_the_end() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore(1);
        var entered = new List<int>();
        var tasks = new[] { EnterAsync(semaphore, entered, 1), Twice(), EnterAsync(semaphore, entered, 3) }
            .Select(coroutine => Asyncio.CreateTask(coroutine)).ToArray();
        await Asyncio.Yield();

        semaphore.Release();
        semaphore.Release();

        await Asyncio.Gather(tasks);
        Assert.Equal([1, 2, 3, 4], entered);

        async Coroutine Twice()
        {
            await EnterAsync(semaphore, entered, 2);
            semaphore.Release();
            await EnterAsync(semaphore, entered, 4);
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_acquire_fifo_order_3")]
    public void A_cancelled_task_does_not_disturb_the_order() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore(0);
        var entered = new List<int>();
        var tasks = Enumerable.Range(1, 3).Select(who => Asyncio.CreateTask(EnterAsync(semaphore, entered, who))).ToArray();
        await Asyncio.Yield();
        tasks[0].Cancel();
        await Asyncio.Yield();

        semaphore.Release();
        semaphore.Release();

        await Asyncio.Wait(tasks);
        Assert.Equal([2, 3], entered);
    });

    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_acquire_fifo_order_4")]
    public void A_task_that_gets_in_lets_those_behind_it_in_for_whom_there_is_room() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore(0);
        var entered = new List<int>();
        AsyncioTask? fourth = null;
        var tasks = new[] { First(), Second(), EnterAsync(semaphore, entered, 3) }
            .Select(coroutine => Asyncio.CreateTask(coroutine)).ToArray();

        await Expect.Turns(2);

        await Asyncio.Gather(tasks);
        await fourth!;
        Assert.Equal([1, 2, 3, 4], entered);

        async Coroutine First()
        {
            await semaphore.AcquireAsync();
            fourth = Asyncio.CreateTask(Fourth());
            entered.Add(1);
        }

        async Coroutine Second()
        {
            for (var i = 0; i < 3; i++)
                semaphore.Release();
            // Places are free, but the first has not run yet, and nobody may overtake it.
            Assert.True(semaphore.IsLocked);
            Assert.False(semaphore.TryAcquire());
            await EnterAsync(semaphore, entered, 2);
        }

        async Coroutine Fourth() => entered.Add(4);
    });

    [Fact]
    public void A_coroutine_that_never_runs_takes_no_place() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore();

        var task = Asyncio.CreateTask(semaphore.AcquireAsync());
        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);
        await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(semaphore.AcquireAsync(), 0));
        _ = semaphore.AcquireAsync();

        Assert.False(semaphore.IsLocked);
    });

    [Fact]
    public void Waiting_on_a_second_loop_is_an_error_that_says_so()
    {
        var semaphore = new AsyncSemaphore(0);
        LoopTest.Run(async () => await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(semaphore.AcquireAsync(), 1)));

        LoopTest.Run(async () =>
        {
            var misuse = await Expect.ThrowsAsync<InvalidOperationException>(semaphore.AcquireAsync());
            Assert.Contains("another event loop", misuse.Message);
        });
    }

    [Fact]
    public void A_task_that_is_refused_and_cancelled_in_one_turn_has_no_place_to_pass_on()
    {
        var semaphore = new AsyncSemaphore(0);
        LoopTest.Run(async () => await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(semaphore.AcquireAsync(), 1)));

        LoopTest.Run(async () =>
        {
            var refused = Asyncio.CreateTask(semaphore.AcquireAsync());
            await Asyncio.Yield();
            refused.Cancel();
            await Asyncio.Wait([refused]);
            Assert.False(semaphore.TryAcquire());
        });
    }

    [Fact]
    public void An_uncontended_one_does_not_suspend() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncSemaphore();
        var turned = false;
        EventLoop.Running.CallSoon(() => turned = true);

        for (var i = 0; i < 10; i++)
        {
            using (await semaphore.AcquireAsync())
            {
            }
        }

        Assert.False(turned);
    });

    private static async Coroutine EnterAsync(AsyncSemaphore semaphore, List<int> entered, int who)
    {
        await semaphore.AcquireAsync();
        entered.Add(who);
    }
}
