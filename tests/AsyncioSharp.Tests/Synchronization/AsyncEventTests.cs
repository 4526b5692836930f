using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed class AsyncEventTests
{
    [Fact]
    [CPythonTest("test_locks.py", "EventTests", "test_wait")]
    public void Lets_everybody_go_on_when_it_is_set() => LoopTest.Run(async () =>
    {
        var ready = new AsyncEvent();
        var woken = new List<int>();
        var tasks = new List<AsyncioTask> { WaitAs(1), WaitAs(2) };
        await Asyncio.Yield();
        Assert.Empty(woken);

        tasks.Add(WaitAs(3));
        ready.Set();
        await Asyncio.Yield();

        Assert.Equal([3, 1, 2], woken);
        Assert.All(tasks, task => Assert.True(task.IsCompletedSuccessfully));

        AsyncioTask WaitAs(int who) => Asyncio.CreateTask(WaitAsync(ready, woken, who));
    });

    [Fact]
    [CPythonTest("test_locks.py", "EventTests", "test_wait_on_set")]
    public void Waiting_does_not_suspend_while_it_is_set() => LoopTest.Run(async () =>
    {
        var ready = new AsyncEvent(isSet: true);
        var turned = false;
        EventLoop.Running.CallSoon(() => turned = true);

        await ready.WaitAsync();

        Assert.False(turned);
    });

    [Fact]
    [CPythonTest("test_locks.py", "EventTests", "test_wait_cancel")]
    public void A_cancelled_task_waits_no_more() => LoopTest.Run(async () =>
    {
        var ready = new AsyncEvent();
        var waiting = Asyncio.CreateTask(ready.WaitAsync());
        EventLoop.Running.CallSoon(() => waiting.Cancel());

        await Expect.ThrowsAsync<CanceledException>(waiting);

        Assert.Equal("AsyncEvent [unset]", ready.ToString());
    });

    [Fact]
    public void A_task_that_is_cancelled_in_the_turn_in_which_it_was_woken_ends_as_cancelled() => LoopTest.Run(async () =>
    {
        var ready = new AsyncEvent();
        var first = Asyncio.CreateTask(ready.WaitAsync());
        var second = Asyncio.CreateTask(ready.WaitAsync());
        await Asyncio.Yield();

        ready.Set();
        first.Cancel();
        await Asyncio.Yield();

        Assert.True(first.IsCanceled);
        Assert.True(second.IsCompletedSuccessfully);
    });

    [Fact]
    [CPythonTest("test_locks.py", "EventTests", "test_clear")]
    public void Can_be_cleared()
    {
        var ready = new AsyncEvent();
        Assert.False(ready.IsSet);
        ready.Set();
        Assert.True(ready.IsSet);
        ready.Clear();
        Assert.False(ready.IsSet);
    }

    [Fact]
    [CPythonTest("test_locks.py", "EventTests", "test_clear_with_waiters")]
    public void Who_was_woken_goes_on_although_it_is_cleared_meanwhile() => LoopTest.Run(async () =>
    {
        var ready = new AsyncEvent();
        var woken = new List<int>();
        var task = Asyncio.CreateTask(WaitAsync(ready, woken, 1));
        await Asyncio.Yield();

        ready.Set();
        ready.Clear();
        Assert.False(ready.IsSet);
        ready.Set();
        ready.Set();
        ready.Clear();
        await Asyncio.Yield();

        Assert.Equal([1], woken);
        Assert.True(task.IsCompletedSuccessfully);
        Assert.Equal("AsyncEvent [unset]", ready.ToString());
    });

    [Fact]
    public void Who_comes_after_it_was_cleared_waits_for_the_next_time() => LoopTest.Run(async () =>
    {
        var ready = new AsyncEvent(isSet: true);
        ready.Clear();
        var waiting = Asyncio.CreateTask(ready.WaitAsync());
        await Expect.Turns(2);
        Assert.False(waiting.IsCompleted);

        ready.Set();
        await waiting;
    });

    [Fact]
    public void It_is_looked_at_when_the_wait_is_awaited() => LoopTest.Run(async () =>
    {
        var ready = new AsyncEvent(isSet: true);
        var wait = ready.WaitAsync();
        ready.Clear();
        var task = Asyncio.CreateTask(wait);
        await Expect.Turns(2);
        Assert.False(task.IsCompleted);

        var second = ready.WaitAsync();
        ready.Set();
        var turned = false;
        EventLoop.Running.CallSoon(() => turned = true);
        await second;
        Assert.False(turned);
    });

    [Fact]
    public void Waiting_on_a_second_loop_is_an_error_that_says_so()
    {
        var ready = new AsyncEvent();
        LoopTest.Run(async () => await Expect.ThrowsAsync<TimeoutException>(Asyncio.WaitFor(ready.WaitAsync(), 1)));

        LoopTest.Run(async () =>
        {
            var misuse = await Expect.ThrowsAsync<InvalidOperationException>(ready.WaitAsync());
            Assert.Contains("another event loop", misuse.Message);
        });
    }

    [Fact]
    public void Shows_its_state() => LoopTest.Run(async () =>
    {
        var ready = new AsyncEvent();
        Assert.Equal("AsyncEvent [unset]", ready.ToString());
        var waiting = Asyncio.CreateTask(ready.WaitAsync());
        await Asyncio.Yield();
        Assert.Equal("AsyncEvent [unset, waiters:1]", ready.ToString());
        ready.Set();
        await waiting;
        Assert.Equal("AsyncEvent [set]", ready.ToString());
    });

    private static async Coroutine WaitAsync(AsyncEvent ready, List<int> woken, int who)
    {
        await ready.WaitAsync();
        woken.Add(who);
    }
}
