namespace AsyncioSharp.Tests.Traces;

/// <summary>Cancellation that passes through chains of coroutines and of tasks.</summary>
public class CancelChainTraces : TraceTest
{
    [Fact]
    public void CancelTaskChain() => Check("cancel_task_chain", async trace =>
    {
        async Coroutine Chain(int depth)
        {
            var name = $"depth {depth}";
            try
            {
                if (depth < 3)
                    await Asyncio.CreateTask(Chain(depth + 1));
                else
                    await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled, requests:", Asyncio.CurrentTask!.CancelRequests);
                throw;
            }
            finally
            {
                trace.Line(name, "finally");
            }
        }

        var task = Asyncio.CreateTask(Chain(0));
        task.AddDoneCallback(_ => trace.Line("outermost is done"));
        for (var n = 0; n < 4; n++)
            await Asyncio.Yield();
        task.Cancel();
        trace.Line("cancel was called");
        for (var n = 1; n <= 5; n++)
        {
            await Asyncio.Yield();
            trace.Line("iteration", n, "done:", task.IsCompleted);
        }
    });

    [Fact]
    public void CancelCoroutineChain() => Check("cancel_coroutine_chain", async trace =>
    {
        async Coroutine Chain(int depth)
        {
            try
            {
                if (depth < 4)
                    await Chain(depth + 1);
                else
                    await Asyncio.Sleep(1);
            }
            finally
            {
                if (depth % 2 == 1)
                {
                    trace.Line("finally", depth);
                    await Asyncio.Yield();
                    trace.Line("still in finally", depth);
                }
            }
        }

        async Coroutine Plain()
        {
            await Asyncio.Sleep(1);
            trace.Line("never");
        }

        async Coroutine NestedPlain()
        {
            await Plain();
            trace.Line("never");
        }

        foreach (var coroutine in (Coroutine[])[Chain(0), NestedPlain()])
        {
            var task = Asyncio.CreateTask(coroutine);
            await Asyncio.Yield();
            task.Cancel();
            try
            {
                await task;
            }
            catch (CanceledException)
            {
                trace.Line("cancelled:", task.IsCanceled);
            }
        }
    });

    [Fact]
    public void CancelMessage() => Check("cancel_message", async trace =>
    {
        async Coroutine Inner()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException e)
            {
                trace.Line("inner:", e.Message);
                throw;
            }
        }

        async Coroutine Outer(AsyncioTask task)
        {
            try
            {
                await task;
            }
            catch (CanceledException e)
            {
                trace.Line("outer:", e.Message);
                throw;
            }
        }

        var child = Asyncio.CreateTask(Inner());
        var task = Asyncio.CreateTask(Outer(child));
        await Asyncio.Yield();
        task.Cancel("a message");
        try
        {
            await task;
        }
        catch (CanceledException e)
        {
            trace.Line("task cancelled:", e.Message);
        }
        try
        {
            _ = child.Exception;
        }
        catch (CanceledException)
        {
            trace.Line("child result: cancelled");
        }
    });

    [Fact]
    public void CancelInnerSwallows() => Check("cancel_inner_swallows", async trace =>
    {
        async Coroutine<string> Inner()
        {
            try
            {
                await Asyncio.Sleep(1);
                return "never";
            }
            catch (CanceledException)
            {
                trace.Line("inner swallows");
                return "inner result";
            }
        }

        async Coroutine<string> Outer()
        {
            trace.Line("outer got", await Asyncio.CreateTask(Inner()));
            await Asyncio.Yield();
            trace.Line("outer goes on, requests:", Asyncio.CurrentTask!.CancelRequests);
            return "outer result";
        }

        var task = Asyncio.CreateTask(Outer());
        await Asyncio.Yield();
        await Asyncio.Yield();
        trace.Line("cancel:", task.Cancel());
        trace.Line(await task);
        trace.Line("cancelled:", task.IsCanceled);
    });

    [Fact]
    public void CancelInnerOnly() => Check("cancel_inner_only", async trace =>
    {
        async Coroutine Inner()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line("inner finally");
            }
        }

        async Coroutine<string> Outer(AsyncioTask child)
        {
            try
            {
                await child;
            }
            catch (CanceledException)
            {
                trace.Line("outer sees it, requests:", Asyncio.CurrentTask!.CancelRequests);
            }
            await Asyncio.Yield();
            return "outer result";
        }

        var child = Asyncio.CreateTask(Inner());
        var task = Asyncio.CreateTask(Outer(child));
        await Asyncio.Yield();
        child.Cancel();
        trace.Line(await task);
        trace.Line("child cancelled:", child.IsCanceled, "task cancelled:", task.IsCanceled);
    });

    [Fact]
    public void CancelNestedFinallyOrder() => Check("cancel_nested_finally_order", async trace =>
    {
        async Coroutine Work()
        {
            try
            {
                await using (await TracedResource.OpenAsync(trace, "outer"))
                {
                    try
                    {
                        await using (await TracedResource.OpenAsync(trace, "inner"))
                        {
                            await Asyncio.Sleep(1);
                        }
                    }
                    finally
                    {
                        trace.Line("between");
                    }
                }
            }
            catch (CanceledException)
            {
                trace.Line("cancelled");
                throw;
            }
        }

        var task = Asyncio.CreateTask(Work());
        await Asyncio.Yield();
        task.Cancel();
        await Asyncio.Wait([task]);
        trace.Line("cancelled:", task.IsCanceled);
    });
}
