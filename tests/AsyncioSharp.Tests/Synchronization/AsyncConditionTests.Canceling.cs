using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed partial class AsyncConditionTests
{
    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_wait_cancel")]
    public void A_cancelled_task_leaves_the_line_and_holds_the_lock() => LoopTest.Run(async () =>
    {
        await _condition.AcquireAsync();
        var waiting = Asyncio.CreateTask(_condition.WaitAsync());
        EventLoop.Running.CallSoon(() => waiting.Cancel());

        await Expect.ThrowsAsync<CanceledException>(waiting);

        Assert.Equal("AsyncCondition [locked]", _condition.ToString());
    });

    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_wait_cancel_contested")]
    public void A_cancelled_task_takes_the_lock_again_however_contested_it_is() => LoopTest.Run(async () =>
    {
        await _condition.AcquireAsync();
        var waiting = Asyncio.CreateTask(_condition.WaitAsync());
        await Asyncio.Yield();
        Assert.False(_condition.IsLocked);

        await _condition.AcquireAsync();
        _condition.Notify();
        EventLoop.Running.CallSoon(() => waiting.Cancel());
        EventLoop.Running.CallSoon(_condition.Release);
        await Expect.ThrowsAsync<CanceledException>(waiting);

        Assert.True(_condition.IsLocked);
    });

    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_wait_cancel_after_notify")]
    public void A_cancellation_while_the_lock_is_taken_again_comes_out_afterwards() => LoopTest.Run(async () =>
    {
        var waiting = Waiters(1)[0];
        await Asyncio.Yield();

        await _condition.AcquireAsync();
        _condition.Notify();
        await Asyncio.Yield();
        waiting.Cancel();
        await Asyncio.Yield();
        Assert.False(waiting.IsCompleted);
        _condition.Release();
        await Asyncio.Yield();

        Assert.True(waiting.IsCanceled);
        Assert.Empty(_log);
        Assert.False(_condition.IsLocked);
    });

    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_timeout_in_block")]
    public void A_timeout_ends_the_wait_with_the_lock_held() => LoopTest.Run(async () =>
    {
        using (await _condition.AcquireAsync())
        {
            await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(_condition.WaitAsync(), 0.5));
            Assert.True(_condition.IsLocked);
        }
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [CPythonTest("test_locks.py", "ConditionTests", "test_cancelled_error_wakeup")]
    [CPythonTest("test_locks.py", "ConditionTests", "test_cancelled_error_re_aquire")]
    public void The_cancellation_keeps_its_message(bool whileTheLockIsTakenAgain) => LoopTest.Run(async () =>
    {
        CanceledException? seen = null;
        var task = Asyncio.CreateTask(Wait());
        await Asyncio.Yield();

        if (whileTheLockIsTakenAgain)
        {
            await _condition.AcquireAsync();
            _condition.Notify();
            await Asyncio.Yield();
            task.Cancel("the second");
            _condition.Release();
        }
        else
        {
            task.Cancel("the first");
        }

        var arrived = await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal(whileTheLockIsTakenAgain ? "the second" : "the first", arrived.CancelMessage);
        Assert.Equal(arrived.CancelMessage, seen!.CancelMessage);

        async Coroutine Wait()
        {
            using (await _condition.AcquireAsync())
            {
                try
                {
                    await _condition.WaitForAsync(() => false);
                }
                catch (CanceledException e)
                {
                    seen = e;
                    throw;
                }
            }
        }
    });

    [Fact]
    public void Of_several_cancellations_the_last_comes_out_and_none_frees_the_lock() => LoopTest.Run(async () =>
    {
        var task = Waiters(1)[0];
        await Asyncio.Yield();
        await _condition.AcquireAsync();

        foreach (var message in new[] { "first", "second", "third" })
        {
            task.Cancel(message);
            await Asyncio.Yield();
            Assert.False(task.IsCompleted);
        }
        _condition.Release();

        var arrived = await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal("third", arrived.CancelMessage);
        Assert.False(_condition.IsLocked);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [CPythonTest("test_locks.py", "ConditionTests", "test_cancelled_wakeup")]
    [CPythonTest("test_locks.py", "ConditionTests", "test_cancelled_wakeup_relock")]
    public void A_notification_of_a_task_that_is_cancelled_goes_to_another(int turnsAfterTheNotification) => LoopTest.Run(async () =>
    {
        var stock = 0;
        var consumers = new[] { Asyncio.CreateTask(Consume()), Asyncio.CreateTask(Consume()) };
        await Asyncio.Yield();
        using (await _condition.AcquireAsync())
        {
            stock++;
            _condition.Notify();
            await Expect.Turns(turnsAfterTheNotification);
            consumers[0].Cancel();

            await Asyncio.Timeout(1, async _ => await _condition.WaitForAsync(() => stock == 0));

            stock = -1;
            _condition.NotifyAll();
        }
        await consumers[1];
        Assert.True(consumers[0].IsCanceled);

        async Coroutine Consume()
        {
            using (await _condition.AcquireAsync())
            {
                for (; ; )
                {
                    await _condition.WaitForAsync(() => stock != 0);
                    if (stock < 0)
                        return;
                    stock--;
                    _condition.Notify();
                }
            }
        }
    });

    [Fact]
    public void In_a_cancelled_scope_it_waits_for_the_lock_once() => LoopTest.Run(async () =>
    {
        var holder = Asyncio.CreateTask(HoldAsync());
        var since = EventLoop.Running.Time;

        var wasCutOff = await Asyncio.MoveOnAfter(TimeSpan.FromSeconds(1), async _ =>
        {
            using (await _condition.AcquireAsync())
                await _condition.WaitAsync();
        });

        Assert.True(wasCutOff);
        Assert.Equal(TimeSpan.FromSeconds(3), EventLoop.Running.Time - since);
        Assert.False(_condition.IsLocked);
        await holder;

        async Coroutine HoldAsync()
        {
            await Asyncio.Sleep(0.5);
            using (await _condition.AcquireAsync())
                await Asyncio.Sleep(2.5);
        }
    });
}
