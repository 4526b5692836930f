using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

/// <summary>What coroutines do with a cancellation that reaches them.</summary>
public class CancelHandlingTraces : TraceTest
{
    [Fact]
    public void CancelSwallowed() => Check("cancel_swallowed", async trace =>
    {
        async Coroutine<string> Work()
        {
            for (var attempt = 0; attempt < 3; attempt++)
            {
                try
                {
                    await Asyncio.Sleep(1);
                }
                catch (CanceledException)
                {
                    trace.Line("swallowed", attempt);
                }
            }
            return "result";
        }

        var task = Asyncio.CreateTask(Work());
        await Asyncio.Yield();
        for (var n = 0; n < 3; n++)
        {
            trace.Line("cancel:", task.Cancel());
            await Asyncio.Yield();
            trace.Line("done:", task.IsCompleted, "requests:", task.CancelRequests);
        }
        trace.Line(await task);
        trace.Line("cancelled:", task.IsCanceled, "cancel:", task.Cancel());
    });

    [Fact]
    public void CancelTwiceAtOnce() => Check("cancel_twice_at_once", async trace =>
    {
        async Coroutine<string> Work()
        {
            for (var attempt = 0; attempt < 2; attempt++)
            {
                try
                {
                    await Asyncio.Sleep(0.005);
                    trace.Line("slept");
                }
                catch (CanceledException e)
                {
                    trace.Line("cancelled:", e.Message);
                }
            }
            return "result";
        }

        var task = Asyncio.CreateTask(Work());
        await Asyncio.Yield();
        task.Cancel("first");
        task.Cancel("second");
        trace.Line("requests:", task.CancelRequests);
        trace.Line(await task);
        var fresh = Asyncio.CreateTask(Work());
        fresh.Cancel("third");
        fresh.Cancel("fourth");
        try
        {
            await fresh;
        }
        catch (CanceledException e)
        {
            trace.Line("fresh cancelled:", e.Message);
        }
    });

    [Fact]
    public void CancelSelfThenReturn() => Check("cancel_self_then_return", async trace =>
    {
        async Coroutine<string> Returns()
        {
            Asyncio.CurrentTask!.Cancel("on the way out");
            trace.Line("returns");
            return "result";
        }

        async Coroutine Fails()
        {
            Asyncio.CurrentTask!.Cancel();
            throw new FormatException("boom");
        }

        var task = Asyncio.CreateTask(Returns());
        try
        {
            trace.Line(await task);
        }
        catch (CanceledException e)
        {
            trace.Line("cancelled:", e.Message);
        }
        trace.Line("task cancelled:", task.IsCanceled);
        var failing = Asyncio.CreateTask(Fails());
        try
        {
            await failing;
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message);
        }
        trace.Line("task cancelled:", failing.IsCanceled);
    });

    [Fact]
    public void CancelSelfThenAwait() => Check("cancel_self_then_await", async trace =>
    {
        async Coroutine<string> Finished()
        {
            trace.Line("finished runs, no yield");
            return "value";
        }

        async Coroutine Work(Future<string> future)
        {
            var task = Asyncio.CurrentTask!;
            task.Cancel("by itself");
            trace.Line(await Finished());
            trace.Line("a done future:", await future);
            try
            {
                await Asyncio.Yield();
            }
            catch (CanceledException e)
            {
                trace.Line("cancelled:", e.Message);
            }
            await Asyncio.Yield();
            trace.Line("once only, requests:", task.CancelRequests);
            task.Cancel("again");
            var pending = EventLoop.Running.CreateFuture<int>();
            try
            {
                await pending;
            }
            catch (CanceledException e)
            {
                trace.Line("cancelled:", e.Message);
            }
            trace.Line("pending future cancelled:", pending.IsCanceled);
        }

        var future = EventLoop.Running.CreateFuture<string>();
        future.SetResult("ready");
        await Asyncio.CreateTask(Work(future));
    });

    [Fact]
    public void CancelReplacedByError() => Check("cancel_replaced_by_error", async trace =>
    {
        async Coroutine Fails(Future<int> future)
        {
            try
            {
                await future;
            }
            catch (CanceledException)
            {
                trace.Line("turned into an error");
                throw new FormatException("boom");
            }
        }

        async Coroutine RaisesCancelled()
        {
            await Asyncio.Yield();
            throw new CanceledException("raised by hand");
        }

        var task = Asyncio.CreateTask(Fails(EventLoop.Running.CreateFuture<int>()));
        await Asyncio.Yield();
        task.Cancel();
        try
        {
            await task;
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message);
        }
        trace.Line("cancelled:", task.IsCanceled, "requests:", task.CancelRequests);
        task = Asyncio.CreateTask(RaisesCancelled());
        try
        {
            await task;
        }
        catch (CanceledException)
        {
            trace.Line("cancelled");
        }
        trace.Line("cancelled:", task.IsCanceled, "requests:", task.CancelRequests);
    });

    [Fact]
    public void CancelInFinally() => Check("cancel_in_finally", async trace =>
    {
        async Coroutine Work()
        {
            try
            {
                try
                {
                    await Asyncio.Sleep(1);
                }
                finally
                {
                    trace.Line("cleanup starts");
                    await Asyncio.Sleep(0.005);
                    trace.Line("cleanup ends");
                }
            }
            catch (CanceledException e)
            {
                trace.Line("cancelled:", e.Message);
                throw;
            }
        }

        for (var cancels = 1; cancels <= 2; cancels++)
        {
            var task = Asyncio.CreateTask(Work());
            await Asyncio.Yield();
            for (var n = 1; n <= cancels; n++)
            {
                task.Cancel($"cancel {n} of {cancels}");
                await Asyncio.Yield();
            }
            try
            {
                await task;
            }
            catch (CanceledException)
            {
                trace.Line("task cancelled, requests:", task.CancelRequests);
            }
        }
    });

    [Fact]
    public void CancelCounts() => Check("cancel_counts", async trace =>
    {
        async Coroutine<string> Work()
        {
            var task = Asyncio.CurrentTask!;
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                trace.Line("requests:", task.CancelRequests);
            }
            trace.Line("uncancel:", task.Uncancel());
            trace.Line("uncancel:", task.Uncancel());
            trace.Line("uncancel at zero:", task.Uncancel());
            task.Cancel();
            trace.Line("cancelled itself, requests:", task.CancelRequests);
            try
            {
                await Asyncio.Yield();
            }
            catch (CanceledException)
            {
                trace.Line("cancelled again");
            }
            trace.Line("requests:", task.CancelRequests);
            return "result";
        }

        var task = Asyncio.CreateTask(Work());
        await Asyncio.Yield();
        task.Cancel();
        task.Cancel();
        trace.Line("requests:", task.CancelRequests);
        trace.Line(await task);
        trace.Line("uncancel of a finished task:", task.Uncancel());
    });

    [Fact]
    public void UncancelWithdraws() => Check("uncancel_withdraws", async trace =>
    {
        async Coroutine<string> Work()
        {
            var task = Asyncio.CurrentTask!;
            task.Cancel();
            trace.Line("uncancel:", task.Uncancel());
            await Asyncio.Yield();
            trace.Line("not cancelled");
            task.Cancel();
            task.Cancel();
            trace.Line("uncancel:", task.Uncancel());
            try
            {
                await Asyncio.Yield();
            }
            catch (CanceledException)
            {
                trace.Line("cancelled, requests:", task.CancelRequests);
            }
            task.Cancel();
            task.Uncancel();
            task.Uncancel();
            return "result";
        }

        var task = Asyncio.CreateTask(Work());
        trace.Line(await task);
        trace.Line("cancelled:", task.IsCanceled);
        var fresh = Asyncio.CreateTask(Work());
        fresh.Cancel();
        trace.Line("uncancel of a fresh task:", fresh.Uncancel());
        trace.Line(await fresh);
    });
}
