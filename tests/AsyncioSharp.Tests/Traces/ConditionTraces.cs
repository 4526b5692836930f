namespace AsyncioSharp.Tests.Traces;

public class ConditionTraces : TraceTest
{
    [Fact]
    public void ConditionNotify() => Check("condition_notify", async trace =>
    {
        async Coroutine Waiter(char name, AsyncCondition condition)
        {
            using (await condition.AcquireAsync())
            {
                trace.Line(name, "waits");
                await condition.WaitAsync();
                trace.Line(name, "woken, locked:", condition.IsLocked);
                await Asyncio.Yield();
            }
            trace.Line(name, "out");
        }

        var condition = new AsyncCondition();
        AsyncioTask[] tasks = [.. "abcd".Select(name => Asyncio.CreateTask(Waiter(name, condition)))];
        await Asyncio.Yield();
        using (await condition.AcquireAsync())
        {
            condition.Notify(2);
            trace.Line("two notified");
            await Asyncio.Yield();
            trace.Line("still mine");
        }
        trace.Line("released");
        await Asyncio.Yield();
        trace.Line("turn, locked:", condition.IsLocked);
        using (await condition.AcquireAsync())
        {
            trace.Line("main in again");
            condition.NotifyAll();
        }
        await Asyncio.Wait(tasks);
        trace.Line("locked:", condition.IsLocked);
    });

    [Fact]
    public void ConditionWaitFor() => Check("condition_wait_for", async trace =>
    {
        async Coroutine Consumer(char name, AsyncCondition condition, Stack<int> stock)
        {
            using (await condition.AcquireAsync())
            {
                await condition.WaitForAsync(() =>
                {
                    trace.Line(name, "looks at", stock.Count);
                    return stock.Count > 0;
                });
                trace.Line(name, "takes", stock.Pop());
            }
        }

        async Coroutine Producer(AsyncCondition condition, Stack<int> stock)
        {
            for (var n = 0; n < 3; n++)
            {
                using (await condition.AcquireAsync())
                {
                    stock.Push(n);
                    trace.Line("made", n);
                    condition.NotifyAll();
                }
                await Asyncio.Yield();
            }
        }

        var (condition, stock) = (new AsyncCondition(), new Stack<int>());
        await TaskGroup.RunAsync(async group =>
        {
            foreach (var name in "abc")
                group.StartSoon(Consumer(name, condition, stock));
            group.StartSoon(Producer(condition, stock));
        });
        trace.Line("left:", stock.Count, "locked:", condition.IsLocked);
    });

    [Fact]
    public void ConditionCancelledWait() => Check("condition_cancelled_wait", async trace =>
    {
        async Coroutine Waiter(char name, AsyncCondition condition)
        {
            try
            {
                using (await condition.AcquireAsync())
                {
                    try
                    {
                        await condition.WaitAsync();
                        trace.Line(name, "woken");
                    }
                    finally
                    {
                        trace.Line(name, "has the lock:", condition.IsLocked);
                    }
                }
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
                throw;
            }
        }

        var condition = new AsyncCondition();
        AsyncioTask[] tasks = [.. "abcd".Select(name => Asyncio.CreateTask(Waiter(name, condition)))];
        var (a, b, c) = (tasks[0], tasks[1], tasks[2]);
        await Asyncio.Yield();
        a.Cancel();
        trace.Line("a cancelled");
        await Asyncio.Yield();
        trace.Line("turn, a done:", a.IsCompleted, "b done:", b.IsCompleted);
        using (await condition.AcquireAsync())
        {
            b.Cancel();
            trace.Line("b cancelled under the lock");
            await Asyncio.Yield();
            b.Cancel();
            trace.Line("and once more");
            await Asyncio.Yield();
        }
        trace.Line("released");
        await Asyncio.Wait([a, b, c], until: WaitUntil.FirstCompleted);
        for (var turn = 0; turn < 4; turn++)
        {
            await Asyncio.Yield();
            trace.Line(["turn", turn, "done:", .. tasks.Select(task => (object)task.IsCompleted)]);
        }
        using (await condition.AcquireAsync())
            condition.NotifyAll();
        await Asyncio.Wait(tasks);
        trace.Line("locked:", condition.IsLocked);
    });

    [Fact]
    public void ConditionCancelledNotification() => Check("condition_cancelled_notification", async trace =>
    {
        async Coroutine Waiter(char name, AsyncCondition condition)
        {
            try
            {
                using (await condition.AcquireAsync())
                {
                    await condition.WaitAsync();
                    trace.Line(name, "woken");
                }
            }
            catch (CanceledException e)
            {
                trace.Line(name, "cancelled", e.CancelMessage);
                throw;
            }
        }

        var condition = new AsyncCondition();
        AsyncioTask[] tasks = [.. "abcde".Select(name => Asyncio.CreateTask(Waiter(name, condition)))];
        await Asyncio.Yield();
        using (await condition.AcquireAsync())
        {
            condition.Notify();
            tasks[0].Cancel("right after the notification");
            trace.Line("a notified and cancelled");
        }
        await CountTurns();
        using (await condition.AcquireAsync())
        {
            condition.Notify();
            await Asyncio.Yield();
            var waiting = tasks.First(task => !task.IsCompleted);
            waiting.Cancel("while it waits for the lock");
            trace.Line("the next notified, cancelled at the lock");
            await Asyncio.Yield();
            waiting.Cancel("once more");
        }
        await CountTurns();
        using (await condition.AcquireAsync())
            condition.NotifyAll();
        await Asyncio.Wait(tasks);
        trace.Line("locked:", condition.IsLocked);

        async Coroutine CountTurns()
        {
            for (var turn = 0; turn < 5; turn++)
            {
                await Asyncio.Yield();
                trace.Line("turn", turn, tasks.Count(task => task.IsCompleted), "done");
            }
        }
    });

    [Fact]
    public void ConditionTimeout() => Check("condition_timeout", async trace =>
    {
        async Coroutine Holder(AsyncCondition condition)
        {
            await Asyncio.Sleep(0.5);
            using (await condition.AcquireAsync())
            {
                trace.Line("holder in");
                await Asyncio.Sleep(2);
                trace.Line("holder out");
            }
        }

        async Coroutine Waiter(string name, AsyncCondition condition, double patience)
        {
            using (await condition.AcquireAsync())
            {
                try
                {
                    await Asyncio.Timeout(patience, async _ => await condition.WaitForAsync(() => false));
                }
                catch (TimeoutException)
                {
                    trace.Line(name, "gave up after", patience, "locked:", condition.IsLocked);
                }
            }
            trace.Line(name, "out");
        }

        var condition = new AsyncCondition();
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Waiter("a", condition, 1));
            group.StartSoon(Waiter("b", condition, 3));
            group.StartSoon(Waiter("c", condition, 0.25));
            group.StartSoon(Waiter("d", condition, 1));
            group.StartSoon(Holder(condition));
        });
        trace.Line("locked:", condition.IsLocked);
    });

    [Fact]
    public void ConditionSharedLock() => Check("condition_shared_lock", async trace =>
    {
        async Coroutine Taker(AsyncLock mutex, AsyncCondition filled, AsyncCondition emptied, Stack<int> box)
        {
            for (var n = 0; n < 3; n++)
            {
                using (await mutex.AcquireAsync())
                {
                    await filled.WaitForAsync(() => box.Count > 0);
                    trace.Line("taken", box.Pop());
                    emptied.Notify();
                }
            }
        }

        async Coroutine Putter(AsyncLock mutex, AsyncCondition filled, AsyncCondition emptied, Stack<int> box)
        {
            for (var n = 0; n < 3; n++)
            {
                using (await mutex.AcquireAsync())
                {
                    await emptied.WaitForAsync(() => box.Count == 0);
                    box.Push(n);
                    trace.Line("put", n);
                    filled.Notify();
                }
            }
        }

        var (mutex, box) = (new AsyncLock(), new Stack<int>());
        var (filled, emptied) = (new AsyncCondition(mutex), new AsyncCondition(mutex));
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Taker(mutex, filled, emptied, box));
            group.StartSoon(Putter(mutex, filled, emptied, box));
        });
        try
        {
            filled.Notify();
        }
        catch (InvalidOperationException)
        {
            trace.Line("not locked");
        }
    });
}
