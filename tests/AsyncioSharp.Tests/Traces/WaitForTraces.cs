using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class WaitForTraces : TraceTest
{
    [Fact]
    public void WaitForValue() => Check("wait_for_value", async trace =>
    {
        async Coroutine<string> Work(AsyncioTask task)
        {
            trace.Line("same task:", Asyncio.CurrentTask == task);
            await Asyncio.Sleep(0.005);
            return "result";
        }

        async Coroutine Fails() => throw new FormatException("boom");

        var task = Asyncio.CurrentTask!;
        trace.Line(await Asyncio.WaitFor(Work(task), 1));
        trace.Line(await Asyncio.WaitFor(Work(task), null));
        trace.Line(await Asyncio.WaitFor(Asyncio.CreateTask(Work(task)), 1));
        try
        {
            await Asyncio.WaitFor(Fails(), 1);
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message);
        }
    });

    [Fact]
    public void WaitForExpires() => Check("wait_for_expires", async trace =>
    {
        async Coroutine Work(string name)
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
                throw;
            }
            finally
            {
                trace.Line(name, "finally");
            }
        }

        try
        {
            await Asyncio.WaitFor(Work("coroutine"), 0.005);
        }
        catch (TimeoutException)
        {
            trace.Line("timeout");
        }
        var task = Asyncio.CreateTask(Work("task"));
        try
        {
            await Asyncio.WaitFor(task, 0.005);
        }
        catch (TimeoutException)
        {
            trace.Line("timeout, task cancelled:", task.IsCanceled);
        }
        var future = EventLoop.Running.CreateFuture<int>();
        try
        {
            await Asyncio.WaitFor(future, 0.005);
        }
        catch (TimeoutException)
        {
            trace.Line("timeout, future cancelled:", future.IsCanceled);
        }
        trace.Line("requests:", Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    public void WaitForZero() => Check("wait_for_zero", async trace =>
    {
        async Coroutine Work(string name)
        {
            trace.Line(name, "starts");
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line(name, "finally");
            }
        }

        var loop = EventLoop.Running;
        foreach (var timeout in (double[])[0, -1])
        {
            try
            {
                await Asyncio.WaitFor(Work("never"), timeout);
            }
            catch (TimeoutException)
            {
                trace.Line("timeout");
            }
        }
        var done = loop.CreateFuture<string>();
        done.SetResult("already done");
        trace.Line(await Asyncio.WaitFor(done, 0));
        var started = Asyncio.CreateTask(Work("started"));
        await Asyncio.Yield();
        try
        {
            await Asyncio.WaitFor(started, 0);
        }
        catch (TimeoutException)
        {
            trace.Line("timeout, cancelled:", started.IsCanceled);
        }
    });

    [Fact]
    public void WaitForSuppressed() => Check("wait_for_suppressed", async trace =>
    {
        async Coroutine<string> Suppresses()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                trace.Line("suppressed");
            }
            return "late result";
        }

        async Coroutine Fails()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                throw new FormatException("from the cleanup");
            }
        }

        trace.Line(await Asyncio.WaitFor(Suppresses(), 0.005));
        trace.Line(await Asyncio.WaitFor(Asyncio.CreateTask(Suppresses()), 0.005));
        var started = Asyncio.CreateTask(Suppresses());
        await Asyncio.Yield();
        trace.Line(await Asyncio.WaitFor(started, 0));
        foreach (var awaitable in (IAwaitable[])[Fails(), Asyncio.CreateTask(Fails())])
        {
            try
            {
                await Asyncio.WaitFor(awaitable, 0.005);
            }
            catch (FormatException e)
            {
                trace.Line("value error:", e.Message);
            }
        }
    });

    [Fact]
    public void WaitForWaitsForCleanup() => Check("wait_for_waits_for_cleanup", async trace =>
    {
        async Coroutine Work()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line("cleanup starts");
                await Asyncio.Sleep(0.010);
                trace.Line("cleanup ends");
            }
        }

        var loop = EventLoop.Running;
        var task = Asyncio.CreateTask(Work());
        loop.CallLater(TimeSpan.FromMilliseconds(10), () => trace.Line("meanwhile"));
        try
        {
            await Asyncio.WaitFor(task, 0.005);
        }
        catch (TimeoutException)
        {
            trace.Line("timeout, cancelled:", task.IsCanceled);
        }
    });

    [Fact]
    public void WaitForCancelledFromOutside() => Check("wait_for_cancelled_from_outside", async trace =>
    {
        async Coroutine Inner()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException e)
            {
                trace.Line("inner cancelled:", e.Message);
                throw;
            }
        }

        async Coroutine Outer(IAwaitable awaitable, TimeSpan? timeout)
        {
            try
            {
                await Asyncio.WaitFor(awaitable, timeout);
            }
            catch (CanceledException e)
            {
                trace.Line("outer cancelled:", e.Message);
                throw;
            }
        }

        foreach (var timeout in (TimeSpan?[])[TimeSpan.FromSeconds(1), null])
        {
            var child = Asyncio.CreateTask(Inner());
            var task = Asyncio.CreateTask(Outer(child, timeout));
            await Asyncio.Yield();
            await Asyncio.Yield();
            task.Cancel("outside");
            await Asyncio.Wait([task]);
            trace.Line("cancelled:", task.IsCanceled, child.IsCanceled);
        }
    });

    [Fact]
    public void WaitForInnerCancelled() => Check("wait_for_inner_cancelled", async trace =>
    {
        async Coroutine Inner() => await Asyncio.Sleep(1);

        var child = Asyncio.CreateTask(Inner());
        EventLoop.Running.CallSoon(() => child.Cancel());
        try
        {
            await Asyncio.WaitFor(child, 1);
        }
        catch (CanceledException)
        {
            trace.Line("cancelled, requests:", Asyncio.CurrentTask!.CancelRequests);
        }
        catch (TimeoutException)
        {
            trace.Line("never");
        }
        await Asyncio.Yield();
        trace.Line("main goes on");
        var fresh = Asyncio.CreateTask(Inner());
        fresh.Cancel();
        try
        {
            await Asyncio.WaitFor(fresh, 0);
        }
        catch (TimeoutException)
        {
            trace.Line("timeout, child cancelled:", fresh.IsCanceled);
        }
    });

    [Fact]
    public void WaitForDoneAndCancelled() => Check("wait_for_done_and_cancelled", async trace =>
    {
        async Coroutine Waiter(Future<string> future)
        {
            try
            {
                trace.Line("got", await Asyncio.WaitFor(future, 1));
            }
            catch (CanceledException)
            {
                trace.Line("cancelled, future cancelled:", future.IsCanceled);
                throw;
            }
        }

        var loop = EventLoop.Running;
        foreach (var cancelFirst in (bool[])[false, true])
        {
            var future = loop.CreateFuture<string>();
            var task = Asyncio.CreateTask(Waiter(future));
            await Asyncio.Yield();
            if (cancelFirst)
            {
                task.Cancel();
                trace.Line("future done:", future.IsCompleted);
            }
            else
            {
                future.SetResult("result");
                task.Cancel();
            }
            await Asyncio.Wait([task]);
            trace.Line("task cancelled:", task.IsCanceled);
        }
    });
}
