using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed partial class AsyncConditionTests
{
    private readonly AsyncCondition _condition = new();
    private readonly List<int> _log = [];

    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_context_manager")]
    public void Is_a_lock() => LoopTest.Run(async () =>
    {
        Assert.False(_condition.IsLocked);
        using (await _condition.AcquireAsync())
        {
            Assert.True(_condition.IsLocked);
            Assert.False(_condition.TryAcquire());
        }
        Assert.True(_condition.TryAcquire());
        _condition.Release();
        Assert.False(_condition.IsLocked);
    });

    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_explicit_lock")]
    public void Can_share_a_lock() => LoopTest.Run(async () =>
    {
        var mutex = new AsyncLock();
        var (condition, other) = (new AsyncCondition(mutex), new AsyncCondition(mutex));
        using (await condition.AcquireAsync())
            Assert.True(mutex.IsLocked && condition.IsLocked && other.IsLocked);
        Assert.False(mutex.IsLocked || condition.IsLocked || other.IsLocked);

        using (await mutex.AcquireAsync())
            Assert.True(condition.IsLocked && other.IsLocked);
        Assert.False(condition.IsLocked);
    });

    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_wait")]
    public void Who_is_notified_goes_on_when_it_gets_the_lock() => LoopTest.Run(async () =>
    {
        var tasks = Enumerable.Range(1, 3).Select(who => Asyncio.CreateTask(WaitAndKeepTheLock(who))).ToArray();
        await Asyncio.Yield();
        Assert.False(_condition.IsLocked);

        await _condition.AcquireAsync();
        _condition.Notify();
        await Asyncio.Yield();
        Assert.Empty(_log);
        Assert.True(_condition.IsLocked);

        _condition.Release();
        await Asyncio.Yield();
        Assert.Equal([1], _log);

        _condition.Notify(2);
        await Asyncio.Yield();
        Assert.Equal([1], _log);

        _condition.Release();
        await Asyncio.Yield();
        Assert.Equal([1, 2], _log);

        _condition.Release();
        await Asyncio.Yield();
        Assert.Equal([1, 2, 3], _log);
        Assert.True(_condition.IsLocked);
        Assert.All(tasks, task => Assert.True(task.IsCompletedSuccessfully));

        async Coroutine WaitAndKeepTheLock(int who)
        {
            await _condition.AcquireAsync();
            await _condition.WaitAsync();
            _log.Add(who);
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_wait_for")]
    public void A_predicate_is_asked_after_each_notification() => LoopTest.Run(async () =>
    {
        var (holds, asked) = (false, 0);
        var task = Asyncio.CreateTask(WaitForIt());
        await Asyncio.Yield();
        Assert.Equal(1, asked);

        await NotifyInTurn();
        Assert.Equal((2, false), (asked, task.IsCompleted));

        holds = true;
        await NotifyInTurn();
        Assert.Equal((3, true), (asked, task.IsCompletedSuccessfully));

        async Coroutine WaitForIt()
        {
            using (await _condition.AcquireAsync())
            {
                await _condition.WaitForAsync(() =>
                {
                    Assert.True(_condition.IsLocked);
                    asked++;
                    return holds;
                });
            }
        }

        async Coroutine NotifyInTurn()
        {
            using (await _condition.AcquireAsync())
                _condition.Notify();
            await Asyncio.Yield();
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_notify")]
    public void As_many_go_on_as_are_notified() => LoopTest.Run(async () =>
    {
        var tasks = Waiters(3);
        await Asyncio.Yield();

        using (await _condition.AcquireAsync())
            _condition.Notify(1);
        await Asyncio.Yield();
        Assert.Equal([1], _log);

        using (await _condition.AcquireAsync())
        {
            _condition.Notify(0);
            _condition.Notify(1);
            _condition.Notify(2048);
        }
        await Asyncio.Yield();
        Assert.Equal([1, 2, 3], _log);
        Assert.All(tasks, task => Assert.True(task.IsCompletedSuccessfully));
    });

    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_notify_all")]
    public void All_go_on_one_after_the_other_when_all_are_notified() => LoopTest.Run(async () =>
    {
        var tasks = Waiters(5);
        await Asyncio.Yield();

        using (await _condition.AcquireAsync())
            _condition.NotifyAll();
        await Asyncio.Gather(tasks);

        Assert.Equal([1, 2, 3, 4, 5], _log);
        Assert.False(_condition.IsLocked);
    });

    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_wait_unacquired")]
    public void Waiting_without_the_lock_is_an_error_that_says_so() => LoopTest.Run(async () =>
    {
        var misuse = await Expect.ThrowsAsync<InvalidOperationException>(_condition.WaitAsync());
        Assert.Contains("lock is not held", misuse.Message);
    });

    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_wait_for_unacquired")]
    public void What_holds_at_once_needs_no_lock() => LoopTest.Run(async () =>
    {
        await _condition.WaitForAsync(() => true);
        await Expect.ThrowsAsync<InvalidOperationException>(_condition.WaitForAsync(() => false));
    });

    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_notify_unacquired")]
    [CPythonTest("test_locks.py", "ConditionTests", "test_notify_all_unacquired")]
    public void Notifying_without_the_lock_is_an_error_that_says_so()
    {
        Assert.Contains("lock is not held", Assert.Throws<InvalidOperationException>(() => _condition.Notify()).Message);
        Assert.Contains("lock is not held", Assert.Throws<InvalidOperationException>(_condition.NotifyAll).Message);
        Assert.Throws<InvalidOperationException>(_condition.Release);
    }

    [Fact]
    public void A_predicate_that_is_missing_is_noticed_at_the_call() =>
        Assert.Throws<ArgumentNullException>(() => { _ = _condition.WaitForAsync(null!); });

    [Fact]
    public void A_predicate_that_throws_ends_the_wait_with_the_lock_held() => LoopTest.Run(async () =>
    {
        using (await _condition.AcquireAsync())
        {
            await Expect.ThrowsAsync<FormatException>(_condition.WaitForAsync(() => throw new FormatException()));
            Assert.True(_condition.IsLocked);
        }
    });

    [Fact]
    [CPythonTest("test_locks.py", "ConditionTests", "test_ambiguous_loops")]
    public void Waiting_on_a_second_loop_is_an_error_that_says_so()
    {
        LoopTest.Run(async () =>
        {
            using (await _condition.AcquireAsync())
                await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(_condition.WaitAsync(), 1));
        });

        LoopTest.Run(async () =>
        {
            using (await _condition.AcquireAsync())
            {
                var misuse = await Expect.ThrowsAsync<InvalidOperationException>(_condition.WaitAsync());
                Assert.Contains("another event loop", misuse.Message);
                Assert.True(_condition.IsLocked);
            }
        });
    }

    [Fact]
    public void Shows_its_state() => LoopTest.Run(async () =>
    {
        Assert.Equal("AsyncCondition [unlocked]", _condition.ToString());
        var tasks = Waiters(2);
        await Asyncio.Yield();
        await _condition.AcquireAsync();
        Assert.Equal("AsyncCondition [locked, waiters:2]", _condition.ToString());

        _condition.NotifyAll();
        _condition.Release();
        await Asyncio.Gather(tasks);
    });

    private AsyncioTask[] Waiters(int count)
    {
        return [.. Enumerable.Range(1, count).Select(who => Asyncio.CreateTask(Wait(who)))];

        async Coroutine Wait(int who)
        {
            using (await _condition.AcquireAsync())
            {
                await _condition.WaitAsync();
                _log.Add(who);
            }
        }
    }
}
