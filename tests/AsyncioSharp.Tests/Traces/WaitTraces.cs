using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class WaitTraces : TraceTest
{
    [Fact]
    public void WaitAll() => Check("wait_all", async trace =>
    {
        async Coroutine Work(string name, double delay, string? failure = null)
        {
            await Asyncio.Sleep(delay);
            trace.Line(name, "ends");
            if (failure is not null)
                throw new FormatException(failure);
        }

        AsyncioTask[] tasks =
        [
            Asyncio.CreateTask(Work("a", 0.010)),
            Asyncio.CreateTask(Work("b", 0, "boom")),
            Asyncio.CreateTask(Work("c", 0.005)),
        ];
        tasks[2].Cancel();
        var (done, pending) = await Asyncio.Wait(tasks);
        trace.Line("done:", done.Count, "pending:", pending.Count);
        trace.Line("failed:", tasks[1].Exception?.Message, "cancelled:", tasks[2].IsCanceled);
        try
        {
            await Asyncio.Wait(Array.Empty<AsyncioTask>());
        }
        catch (ArgumentException)
        {
            trace.Line("value error");
        }
    });

    [Fact]
    public void WaitFirstCompleted() => Check("wait_first_completed", async trace =>
    {
        async Coroutine Work(double delay)
        {
            try
            {
                await Asyncio.Sleep(delay);
            }
            finally
            {
                trace.Line(Asyncio.CurrentTask!.Name, "ends");
            }
        }

        AsyncioTask[] tasks =
        [
            Asyncio.CreateTask(Work(0.010), "a"),
            Asyncio.CreateTask(Work(0.005), "b"),
            Asyncio.CreateTask(Work(1), "c"),
        ];
        IReadOnlyCollection<AsyncioTask> pending = tasks;
        while (pending.Count > 1)
        {
            (var some, pending) = await Asyncio.Wait(pending, until: WaitUntil.FirstCompleted);
            trace.Line(["done:", .. Names(some), "pending:", .. Names(pending)]);
        }
        foreach (var task in pending)
            task.Cancel();
        (var done, pending) = await Asyncio.Wait(pending, until: WaitUntil.FirstCompleted);
        trace.Line(["done:", .. Names(done), "cancelled:", .. tasks.Select(task => task.IsCanceled)]);
        AsyncioTask[] both = [Asyncio.CreateTask(Work(0), "d"), Asyncio.CreateTask(Work(0), "e")];
        (done, pending) = await Asyncio.Wait(both, until: WaitUntil.FirstCompleted);
        trace.Line(["done:", .. Names(done), "pending:", .. Names(pending)]);
    });

    [Fact]
    public void WaitFirstException() => Check("wait_first_exception", async trace =>
    {
        async Coroutine Work(double delay, string? failure = null)
        {
            await Asyncio.Sleep(delay);
            trace.Line(Asyncio.CurrentTask!.Name, "ends");
            if (failure is not null)
                throw new FormatException(failure);
        }

        var a = Asyncio.CreateTask(Work(0), "a");
        var b = Asyncio.CreateTask(Work(1), "b");
        var c = Asyncio.CreateTask(Work(0.005, "boom"), "c");
        var d = Asyncio.CreateTask(Work(1), "d");
        await Asyncio.Yield();
        b.Cancel();
        var (done, pending) = await Asyncio.Wait([a, b, c, d], until: WaitUntil.FirstException);
        trace.Line(["done:", .. Names(done), "pending:", .. Names(pending), "failed:", c.Exception?.Message]);
        (done, pending) = await Asyncio.Wait([a, b], until: WaitUntil.FirstException);
        trace.Line(["done:", .. Names(done), "pending:", pending.Count]);
        d.Cancel();
    });

    [Fact]
    public void WaitTimeout() => Check("wait_timeout", async trace =>
    {
        async Coroutine Work(double delay)
        {
            await Asyncio.Sleep(delay);
            trace.Line(Asyncio.CurrentTask!.Name, "ends");
        }

        AsyncioTask[] tasks = [Asyncio.CreateTask(Work(0.005), "a"), Asyncio.CreateTask(Work(0.015), "b")];
        var (done, pending) = await Asyncio.Wait(tasks, TimeSpan.FromMilliseconds(10));
        trace.Line(["done:", .. Names(done), "pending:", .. Names(pending)]);
        (done, pending) = await Asyncio.Wait(pending, TimeSpan.FromSeconds(1));
        trace.Line(["done:", .. Names(done), "pending:", .. Names(pending)]);
        var task = Asyncio.CreateTask(Work(1), "c");
        (done, pending) = await Asyncio.Wait([task], TimeSpan.Zero);
        trace.Line(["done:", .. Names(done), "pending:", .. Names(pending), "cancelled:", task.IsCanceled]);
        task.Cancel();
    });

    [Fact]
    public void WaitFinishedYields() => Check("wait_finished_yields", async trace =>
    {
        async Coroutine Work() => trace.Line("work ends");

        var loop = EventLoop.Running;
        var task = Asyncio.CreateTask(Work());
        await task;
        loop.CallSoon(() => trace.Line("callback 1"));
        await Asyncio.Wait([task]);
        trace.Line("waited for a finished task");
        var fresh = Asyncio.CreateTask(Work());
        fresh.AddDoneCallback(_ => trace.Line("done callback"));
        loop.CallSoon(() => trace.Line("callback 2"));
        await Asyncio.Wait([fresh]);
        trace.Line("waited for a fresh task");
    });

    [Fact]
    public void WaitCancelled() => Check("wait_cancelled", async trace =>
    {
        async Coroutine Work()
        {
            try
            {
                await Asyncio.Sleep(0.005);
                trace.Line("work ends");
            }
            catch (CanceledException)
            {
                trace.Line("never");
                throw;
            }
        }

        async Coroutine Waiter(AsyncioTask[] tasks)
        {
            try
            {
                await Asyncio.Wait(tasks);
            }
            catch (CanceledException)
            {
                trace.Line("waiter cancelled");
                throw;
            }
        }

        var task = Asyncio.CreateTask(Work());
        var waiting = Asyncio.CreateTask(Waiter([task]));
        await Asyncio.Yield();
        waiting.Cancel();
        await Asyncio.Wait([waiting]);
        trace.Line("waiter cancelled:", waiting.IsCanceled, "task done:", task.IsCompleted);
        await task;
        trace.Line("task cancelled:", task.IsCanceled);
    });
}
