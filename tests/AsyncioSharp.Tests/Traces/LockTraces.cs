namespace AsyncioSharp.Tests.Traces;

public class LockTraces : TraceTest
{
    [Fact]
    public void LockOrder() => Check("lock_order", async trace =>
    {
        async Coroutine Worker(string name, AsyncLock mutex)
        {
            trace.Line(name, "asks, locked:", mutex.IsLocked);
            using (await mutex.AcquireAsync())
            {
                trace.Line(name, "in");
                await Asyncio.Yield();
                trace.Line(name, "out");
            }
            trace.Line(name, "released, locked:", mutex.IsLocked);
        }

        var mutex = new AsyncLock();
        await TaskGroup.RunAsync(async group =>
        {
            foreach (var name in "abc")
                group.StartSoon(Worker($"{name}", mutex));
        });
        trace.Line("locked:", mutex.IsLocked);
    });

    [Fact]
    public void LockNoBarging() => Check("lock_no_barging", async trace =>
    {
        async Coroutine Worker(string name, AsyncLock mutex, int rounds)
        {
            for (var n = 0; n < rounds; n++)
            {
                using (await mutex.AcquireAsync())
                    trace.Line(name, "in for the", n);
                trace.Line(name, "out");
            }
        }

        var mutex = new AsyncLock();
        await mutex.AcquireAsync();
        AsyncioTask[] tasks = [.. "ab".Select(name => Asyncio.CreateTask(Worker($"{name}", mutex, 3)))];
        await Asyncio.Yield();
        mutex.Release();
        trace.Line("released, locked:", mutex.IsLocked);
        await Worker("main", mutex, 2);
        trace.Line("main ends");
        await Asyncio.Wait(tasks);
        trace.Line("locked:", mutex.IsLocked);
    });

    [Fact]
    public void LockCancelledWaiter() => Check("lock_cancelled_waiter", async trace =>
    {
        async Coroutine Worker(string name, AsyncLock mutex)
        {
            try
            {
                using (await mutex.AcquireAsync())
                {
                    trace.Line(name, "in");
                    await Asyncio.Yield();
                }
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled, locked:", mutex.IsLocked);
                throw;
            }
        }

        var mutex = new AsyncLock();
        AsyncioTask[] tasks = [.. "abcd".Select(name => Asyncio.CreateTask(Worker($"{name}", mutex)))];
        await Asyncio.Yield();
        tasks[1].Cancel();
        trace.Line("b cancelled");
        await Asyncio.Yield();
        trace.Line("turn");
        tasks[3].Cancel();
        trace.Line("d cancelled");
        await Asyncio.Wait(tasks);
        trace.Line(tasks.Count(task => task.IsCanceled), "of", tasks.Length, "cancelled, locked:", mutex.IsLocked);
    });

    [Fact]
    public void LockCancelledHandOff() => Check("lock_cancelled_hand_off", async trace =>
    {
        var mutex = new AsyncLock();
        await mutex.AcquireAsync();
        var (a, b, c) = (VisitAs("a"), VisitAs("b"), VisitAs("c"));
        await Asyncio.Yield();
        mutex.Release();
        a.Cancel();
        trace.Line("released to a, a cancelled");
        await Asyncio.Yield();
        trace.Line("turn 1");
        await Asyncio.Yield();
        trace.Line("turn 2, b done:", b.IsCompleted, "c done:", c.IsCompleted);
        await Asyncio.Wait([a, b, c]);
        trace.Line("locked:", mutex.IsLocked);

        AsyncioTask VisitAs(string name) => Asyncio.CreateTask(VisitAsync(trace, name, mutex));
    });

    [Fact]
    public void LockCancelledBeforeRelease() => Check("lock_cancelled_before_release", async trace =>
    {
        var mutex = new AsyncLock();
        await mutex.AcquireAsync();
        var (a, b, c) = (VisitAs("a"), VisitAs("b"), VisitAs("c"));
        await Asyncio.Yield();
        a.Cancel();
        mutex.Release();
        trace.Line("a cancelled, released");
        for (var turn = 1; turn < 4; turn++)
        {
            await Asyncio.Yield();
            trace.Line("turn", turn, "b done:", b.IsCompleted, "c done:", c.IsCompleted);
        }
        await Asyncio.Wait([a, b, c]);
        await mutex.AcquireAsync();
        var (d, e, f) = (VisitAs("d"), VisitAs("e"), VisitAs("f"));
        await Asyncio.Yield();
        e.Cancel();
        mutex.Release();
        trace.Line("e cancelled, released");
        for (var turn = 1; turn < 4; turn++)
        {
            await Asyncio.Yield();
            trace.Line("turn", turn, "d done:", d.IsCompleted, "f done:", f.IsCompleted);
        }
        await Asyncio.Wait([d, e, f]);
        trace.Line("locked:", mutex.IsLocked);

        AsyncioTask VisitAs(string name) => Asyncio.CreateTask(VisitAsync(trace, name, mutex));
    });

    [Fact]
    public void LockTimeout() => Check("lock_timeout", async trace =>
    {
        async Coroutine Holder(AsyncLock mutex)
        {
            using (await mutex.AcquireAsync())
            {
                trace.Line("holder in");
                await Asyncio.Sleep(2);
            }
            trace.Line("holder out");
        }

        async Coroutine Asker(string name, AsyncLock mutex, double patience)
        {
            try
            {
                await Asyncio.Timeout(patience, async _ =>
                {
                    using (await mutex.AcquireAsync())
                        trace.Line(name, "in");
                });
            }
            catch (TimeoutException)
            {
                trace.Line(name, "gave up, locked:", mutex.IsLocked);
            }
        }

        var mutex = new AsyncLock();
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Holder(mutex));
            group.StartSoon(Asker("a", mutex, 1));
            group.StartSoon(Asker("b", mutex, 3));
            group.StartSoon(Asker("c", mutex, 2.5));
            group.StartSoon(Asker("d", mutex, 0));
        });
        trace.Line("locked:", mutex.IsLocked);
    });

    private static async Coroutine VisitAsync(Trace trace, string name, AsyncLock mutex)
    {
        try
        {
            using (await mutex.AcquireAsync())
                trace.Line(name, "in");
        }
        catch (CanceledException)
        {
            trace.Line(name, "cancelled, locked:", mutex.IsLocked);
            throw;
        }
        trace.Line(name, "out");
    }
}
