namespace AsyncioSharp.Tests.Traces;

public class SemaphoreTraces : TraceTest
{
    [Fact]
    public void SemaphoreOrder() => Check("semaphore_order", async trace =>
    {
        async Coroutine Worker(string name, AsyncSemaphore semaphore)
        {
            using (await semaphore.AcquireAsync())
            {
                trace.Line(name, "in");
                await Asyncio.Yield();
                trace.Line(name, "out");
            }
        }

        var semaphore = new AsyncSemaphore(2);
        await TaskGroup.RunAsync(async group =>
        {
            foreach (var name in "abcde")
                group.StartSoon(Worker($"{name}", semaphore));
        });
        trace.Line("locked:", semaphore.IsLocked);
    });

    [Fact]
    public void SemaphoreNoBarging() => Check("semaphore_no_barging", async trace =>
    {
        async Coroutine Worker(string name, AsyncSemaphore semaphore)
        {
            trace.Line(name, "asks");
            using (await semaphore.AcquireAsync())
            {
                trace.Line(name, "in");
                await Asyncio.Yield();
            }
            trace.Line(name, "out");
        }

        var semaphore = new AsyncSemaphore(1);
        await semaphore.AcquireAsync();
        var task = Asyncio.CreateTask(Worker("task", semaphore));
        await Asyncio.Yield();
        semaphore.Release();
        trace.Line("released, locked:", semaphore.IsLocked);
        await Worker("main", semaphore);
        trace.Line("task done:", task.IsCompleted);
        await Worker("main again", semaphore);
        trace.Line("locked:", semaphore.IsLocked);
    });

    [Fact]
    public void SemaphoreCancelledWaiter() => Check("semaphore_cancelled_waiter", async trace =>
    {
        async Coroutine Worker(string name, AsyncSemaphore semaphore)
        {
            try
            {
                using (await semaphore.AcquireAsync())
                {
                    trace.Line(name, "in");
                    await Asyncio.Yield();
                }
                trace.Line(name, "out");
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
                throw;
            }
        }

        var semaphore = new AsyncSemaphore(1);
        AsyncioTask[] tasks = [.. "abcd".Select(name => Asyncio.CreateTask(Worker($"{name}", semaphore)))];
        await Asyncio.Yield();
        tasks[1].Cancel();
        tasks[3].Cancel();
        trace.Line("two cancelled");
        await tasks[2];
        trace.Line(["cancelled:", .. tasks.Select(task => task.IsCanceled)]);
        trace.Line("locked:", semaphore.IsLocked);
    });

    [Fact]
    public void SemaphoreCancelledHandOff() => Check("semaphore_cancelled_hand_off", async trace =>
    {
        async Coroutine Worker(string name, AsyncSemaphore semaphore)
        {
            try
            {
                await semaphore.AcquireAsync();
                trace.Line(name, "acquired");
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
                throw;
            }
        }

        var semaphore = new AsyncSemaphore(0);
        var a = Asyncio.CreateTask(Worker("a", semaphore));
        var b = Asyncio.CreateTask(Worker("b", semaphore));
        var c = Asyncio.CreateTask(Worker("c", semaphore));
        await Asyncio.Yield();
        semaphore.Release();
        a.Cancel();
        trace.Line("released to a, a cancelled");
        await Asyncio.Wait([a, b]);
        trace.Line("a cancelled:", a.IsCanceled, "c done:", c.IsCompleted);
        semaphore.Release();
        semaphore.Release();
        c.Cancel();
        await Asyncio.Wait([c]);
        trace.Line("locked:", semaphore.IsLocked);
        await semaphore.AcquireAsync();
        await semaphore.AcquireAsync();
        trace.Line("both permits came back, locked:", semaphore.IsLocked);
    });

    [Fact]
    public void SemaphoreManyReleases() => Check("semaphore_many_releases", async trace =>
    {
        async Coroutine Worker(string name, AsyncSemaphore semaphore)
        {
            await semaphore.AcquireAsync();
            trace.Line(name, "acquired");
        }

        var semaphore = new AsyncSemaphore(0);
        AsyncioTask[] tasks = [.. "abcd".Select(name => Asyncio.CreateTask(Worker($"{name}", semaphore)))];
        await Asyncio.Yield();
        for (var n = 0; n < 3; n++)
            semaphore.Release();
        trace.Line("three released, locked:", semaphore.IsLocked);
        await Asyncio.Yield();
        trace.Line(["done:", .. tasks.Select(task => task.IsCompleted)]);
        semaphore.Release();
        semaphore.Release();
        await tasks[3];
        trace.Line("one is left, locked:", semaphore.IsLocked);
    });

    [Fact]
    public void SemaphoreReleasedByFailure() => Check("semaphore_released_by_failure", async trace =>
    {
        async Coroutine Worker(string name, AsyncSemaphore semaphore, double delay)
        {
            using (await semaphore.AcquireAsync())
            {
                trace.Line(name, "in");
                await Asyncio.Timeout(0.005, async _ => await Asyncio.Sleep(delay));
                if (name == "b")
                    throw new FormatException(name);
            }
            trace.Line(name, "out");
        }

        var semaphore = new AsyncSemaphore(1);
        AsyncioTask[] tasks =
        [
            Asyncio.CreateTask(Worker("a", semaphore, 1)),
            Asyncio.CreateTask(Worker("b", semaphore, 0)),
            Asyncio.CreateTask(Worker("c", semaphore, 0)),
        ];
        await Asyncio.Wait(tasks);
        trace.Line("timeout:", tasks[0].Exception is TimeoutException);
        trace.Line("failure:", tasks[1].Exception?.Message);
        trace.Line("locked:", semaphore.IsLocked);
    });

    [Fact]
    public void SemaphoreBounded() => Check("semaphore_bounded", async trace =>
    {
        async Coroutine Worker(char name, AsyncBoundedSemaphore semaphore)
        {
            using (await semaphore.AcquireAsync())
            {
                trace.Line(name, "in, locked:", semaphore.IsLocked);
                await Asyncio.Yield();
            }
            trace.Line(name, "out, locked:", semaphore.IsLocked);
        }

        var semaphore = new AsyncBoundedSemaphore(2);
        AsyncioTask[] tasks = [.. "abcd".Select(name => Asyncio.CreateTask(Worker(name, semaphore)))];
        await Asyncio.Yield();
        tasks[2].Cancel();
        tasks[0].Cancel();
        trace.Line("c and a cancelled");
        await Asyncio.Wait(tasks);
        try
        {
            semaphore.Release();
        }
        catch (InvalidOperationException)
        {
            trace.Line("released too many times");
        }
        trace.Line("locked:", semaphore.IsLocked);
    });
}
