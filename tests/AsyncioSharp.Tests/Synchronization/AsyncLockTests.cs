using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed class AsyncLockTests
{
    [Fact]
    [CPythonTest("test_locks.py", "LockTests", "test_lock")]
    [CPythonTest("test_locks.py", "LockTests", "test_release_no_waiters")]
    public void Is_held_from_acquire_to_release() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();
        Assert.False(mutex.IsLocked);

        await mutex.AcquireAsync();
        Assert.True(mutex.IsLocked);

        mutex.Release();
        Assert.False(mutex.IsLocked);
    });

    [Fact]
    [CPythonTest("test_locks.py", "LockTests", "test_context_manager")]
    public void Is_released_by_using() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();

        using (await mutex.AcquireAsync())
            Assert.True(mutex.IsLocked);

        Assert.False(mutex.IsLocked);
    });

    [Fact]
    [CPythonTest("test_locks.py", "LockTests", "test_acquire")]
    public void Lets_those_who_wait_through_one_by_one_in_order() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();
        var entered = new List<int>();
        await mutex.AcquireAsync();
        var first = Asyncio.CreateTask(EnterAsync(mutex, entered, 1));
        var second = Asyncio.CreateTask(EnterAsync(mutex, entered, 2));
        await Asyncio.Yield();
        Assert.Empty(entered);

        mutex.Release();
        await Expect.Turns(2);
        Assert.Equal([1], entered);

        var third = Asyncio.CreateTask(EnterAsync(mutex, entered, 3));
        mutex.Release();
        await Asyncio.Yield();
        Assert.Equal([1, 2], entered);

        mutex.Release();
        await Asyncio.Yield();
        Assert.Equal([1, 2, 3], entered);
        Assert.All([first, second, third], task => Assert.True(task.IsCompletedSuccessfully));
    });

    [Fact]
    [CPythonTest("test_locks.py", "LockTests", "test_acquire_cancel")]
    public void A_cancelled_task_leaves_the_line() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();
        await mutex.AcquireAsync();
        var waiting = Asyncio.CreateTask(mutex.AcquireAsync());
        EventLoop.Running.CallSoon(() => waiting.Cancel());

        await Expect.ThrowsAsync<CanceledException>(waiting);

        Assert.Equal("AsyncLock [locked]", mutex.ToString());
    });

    [Fact]
    [CPythonTest("test_locks.py", "LockTests", "test_cancel_race")]
    public void A_release_passes_over_a_task_that_was_cancelled_just_before() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();
        var gate = EventLoop.Running.CreateFuture<bool>();
        var a = Asyncio.CreateTask(Visit(gate));
        await Asyncio.Yield();
        var b = Asyncio.CreateTask(Visit(null));
        var c = Asyncio.CreateTask(Visit(null));
        await Asyncio.Yield();

        gate.SetResult(true);
        b.Cancel();
        await Asyncio.Yield();

        Assert.True(a.IsCompleted);
        Assert.True(b.IsCanceled);
        await c;
        Assert.False(mutex.IsLocked);

        async Coroutine Visit(Future<bool>? gate)
        {
            using (await mutex.AcquireAsync())
            {
                if (gate is not null)
                    await gate;
            }
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "LockTests", "test_cancel_release_race")]
    public void A_cancellation_just_before_a_release_lets_one_through_and_no_more() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();
        var entered = new List<int>();
        await mutex.AcquireAsync();
        var tasks = Enumerable.Range(1, 3).Select(who => Asyncio.CreateTask(EnterAsync(mutex, entered, who))).ToArray();
        await Asyncio.Yield();

        EventLoop.Running.CallSoon(() =>
        {
            tasks[0].Cancel();
            mutex.Release();
        });
        await Expect.ThrowsAsync<CanceledException>(tasks[0]);

        Assert.Equal([2], entered);
        Assert.True(tasks[1].IsCompletedSuccessfully);
        tasks[2].Cancel();
        await Asyncio.Yield();
        Assert.True(tasks[2].IsCanceled);
    });

    [Fact]
    [CPythonTest("test_locks.py", "LockTests", "test_finished_waiter_cancelled")]
    public void A_task_that_has_only_begun_to_ask_gets_what_a_cancelled_one_leaves() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();
        await mutex.AcquireAsync();
        var first = Asyncio.CreateTask(mutex.AcquireAsync());
        await Asyncio.Yield();

        var second = Asyncio.CreateTask(mutex.AcquireAsync());
        first.Cancel();
        mutex.Release();
        await Asyncio.Yield();

        Assert.True(mutex.IsLocked);
        Assert.True(first.IsCanceled);
        await second;
    });

    [Fact]
    public void A_task_that_is_cancelled_after_it_was_woken_passes_the_lock_on() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();
        await mutex.AcquireAsync();
        var first = Asyncio.CreateTask(mutex.AcquireAsync());
        var second = Asyncio.CreateTask(mutex.AcquireAsync());
        await Asyncio.Yield();

        mutex.Release();
        first.Cancel();
        await Expect.Turns(2);

        Assert.True(first.IsCanceled);
        Assert.True(second.IsCompletedSuccessfully);
        mutex.Release();
        Assert.False(mutex.IsLocked);
    });

    [Fact]
    public void The_last_one_in_line_cancelled_after_it_was_woken_leaves_the_lock_free() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();
        await mutex.AcquireAsync();
        var only = Asyncio.CreateTask(mutex.AcquireAsync());
        await Asyncio.Yield();

        mutex.Release();
        only.Cancel();
        await Asyncio.Yield();

        Assert.True(only.IsCanceled);
        Assert.True(mutex.TryAcquire());
    });

    [Fact]
    public void Nobody_overtakes_a_task_that_was_woken_and_has_not_run_yet() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();
        var entered = new List<int>();
        await mutex.AcquireAsync();
        var waiting = Asyncio.CreateTask(EnterAsync(mutex, entered, 1));
        await Asyncio.Yield();

        mutex.Release();
        Assert.False(mutex.TryAcquire());
        var late = Asyncio.CreateTask(EnterAsync(mutex, entered, 2), eagerStart: true);
        Assert.Empty(entered);
        await Asyncio.Yield();
        Assert.Equal([1], entered);
        mutex.Release();

        await late;
        await waiting;
        Assert.Equal([1, 2], entered);
    });

    [Fact]
    [CPythonTest("test_locks.py", "LockTests", "test_release_not_acquired")]
    public void Cannot_be_released_if_nobody_holds_it()
    {
        var misuse = Assert.Throws<InvalidOperationException>(() => new AsyncLock().Release());
        Assert.Contains("not held", misuse.Message);
    }

    [Fact]
    public void Can_be_tried_without_waiting()
    {
        var mutex = new AsyncLock();
        Assert.True(mutex.TryAcquire());
        Assert.False(mutex.TryAcquire());
        mutex.Release();
        Assert.True(mutex.TryAcquire());
    }

    [Fact]
    public void A_coroutine_that_never_runs_does_not_take_it() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();

        var task = Asyncio.CreateTask(mutex.AcquireAsync());
        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);
        _ = mutex.AcquireAsync();

        Assert.False(mutex.IsLocked);
    });

    [Fact]
    public void A_timeout_while_waiting_leaves_the_lock_to_the_others() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();
        await mutex.AcquireAsync();
        var patient = Asyncio.CreateTask(mutex.AcquireAsync());

        await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(mutex.AcquireAsync(), 1));
        mutex.Release();

        await patient;
        Assert.True(mutex.IsLocked);
    });

    [Fact]
    public void Waiting_on_a_second_loop_is_an_error_that_says_so()
    {
        var mutex = new AsyncLock();
        Assert.True(mutex.TryAcquire());
        LoopTest.Run(async () => await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(mutex.AcquireAsync(), 1)));

        LoopTest.Run(async () =>
        {
            var misuse = await Expect.ThrowsAsync<InvalidOperationException>(mutex.AcquireAsync());
            Assert.Contains("another event loop", misuse.Message);
        });
    }

    [Fact]
    public void Can_be_awaited_from_an_async_Task_method() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();
        await mutex.AcquireAsync();
        var foreign = Foreign();
        await Asyncio.Yield();
        Assert.False(foreign.IsCompleted);

        mutex.Release();
        await foreign;
        Assert.False(mutex.IsLocked);

        async Task Foreign()
        {
            using (await mutex.AcquireAsync())
                Assert.True(mutex.IsLocked);
        }
    });

    [Fact]
    public void Shows_its_state() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();
        Assert.Equal("AsyncLock [unlocked]", mutex.ToString());
        await mutex.AcquireAsync();
        Assert.Equal("AsyncLock [locked]", mutex.ToString());

        var waiting = Asyncio.CreateTask(mutex.AcquireAsync());
        await Asyncio.Yield();
        Assert.Equal("AsyncLock [locked, waiters:1]", mutex.ToString());
        waiting.Cancel();
    });

    private static async Coroutine EnterAsync(AsyncLock mutex, List<int> entered, int who)
    {
        await mutex.AcquireAsync();
        entered.Add(who);
    }
}
