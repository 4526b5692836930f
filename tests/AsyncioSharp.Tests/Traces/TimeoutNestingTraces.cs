namespace AsyncioSharp.Tests.Traces;

/// <summary>Timeouts inside timeouts, and timeouts of tasks that others cancel.</summary>
public class TimeoutNestingTraces : TraceTest
{
    [Fact]
    public void TimeoutNestedOuterFirst() => Check("timeout_nested_outer_first", async trace =>
    {
        try
        {
            await Asyncio.Timeout(0.005, async outer =>
            {
                TimeoutScope inner = null!;
                try
                {
                    await Asyncio.Timeout(1, async inside =>
                    {
                        inner = inside;
                        await Asyncio.Sleep(1);
                    });
                }
                catch (TimeoutException)
                {
                    trace.Line("never");
                }
                finally
                {
                    trace.Line("inner expired:", inner.IsExpired, "outer expired:", outer.IsExpired);
                }
            });
        }
        catch (TimeoutException)
        {
            trace.Line("outer timeout");
        }
        trace.Line("requests:", Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    public void TimeoutNestedInnerFirst() => Check("timeout_nested_inner_first", async trace =>
    {
        TimeoutScope outer = null!;
        await Asyncio.Timeout(1, async inside =>
        {
            outer = inside;
            TimeoutScope inner = null!;
            try
            {
                await Asyncio.Timeout(0.005, async inside =>
                {
                    inner = inside;
                    await Asyncio.Sleep(1);
                });
            }
            catch (TimeoutException)
            {
                trace.Line("inner timeout, expired:", inner.IsExpired, outer.IsExpired);
            }
            await Asyncio.Yield();
            trace.Line("outer body goes on");
        });
        try
        {
            await Asyncio.Timeout(1, async inside =>
            {
                outer = inside;
                await Asyncio.Timeout(0.005, async _ => await Asyncio.Sleep(1));
                trace.Line("never");
            });
        }
        catch (TimeoutException)
        {
            trace.Line("inner timeout passes the outer, expired:", outer.IsExpired);
        }
    });

    [Fact]
    public void TimeoutNestedBoth() => Check("timeout_nested_both", async trace =>
    {
        var task = Asyncio.CurrentTask!;
        TimeoutScope outer = null!;
        TimeoutScope inner = null!;
        try
        {
            await Asyncio.Timeout(0, async inside =>
            {
                outer = inside;
                try
                {
                    await Asyncio.Timeout(0, async inside =>
                    {
                        inner = inside;
                        try
                        {
                            await Asyncio.Sleep(1);
                        }
                        finally
                        {
                            trace.Line("body, requests:", task.CancelRequests);
                        }
                    });
                }
                catch (CanceledException)
                {
                    trace.Line("inner: cancelled, requests:", task.CancelRequests);
                    throw;
                }
                catch (TimeoutException)
                {
                    trace.Line("inner: timeout, requests:", task.CancelRequests);
                    throw;
                }
            });
        }
        catch (TimeoutException)
        {
            trace.Line("outer: timeout, requests:", task.CancelRequests);
        }
        trace.Line("expired:", inner.IsExpired, outer.IsExpired);
    });

    [Fact]
    public void TimeoutCancelledFromOutside() => Check("timeout_cancelled_from_outside", async trace =>
    {
        async Coroutine Work()
        {
            TimeoutScope scope = null!;
            try
            {
                await Asyncio.Timeout(1, async inside =>
                {
                    scope = inside;
                    await Asyncio.Sleep(1);
                });
            }
            catch (CanceledException e)
            {
                trace.Line("cancelled:", e.Message, "expired:", scope.IsExpired);
                trace.Line("requests:", Asyncio.CurrentTask!.CancelRequests);
                throw;
            }
        }

        var task = Asyncio.CreateTask(Work());
        await Asyncio.Yield();
        task.Cancel("outside");
        try
        {
            await task;
        }
        catch (CanceledException)
        {
            trace.Line("task cancelled");
        }
    });

    [Fact]
    public void TimeoutAndCancel() => Check("timeout_and_cancel", async trace =>
    {
        async Coroutine Work(double cleanup)
        {
            var task = Asyncio.CurrentTask!;
            TimeoutScope scope = null!;
            try
            {
                await Asyncio.Timeout(0.005, async inside =>
                {
                    scope = inside;
                    try
                    {
                        await Asyncio.Sleep(1);
                    }
                    finally
                    {
                        trace.Line("cleanup, requests:", task.CancelRequests);
                        await Asyncio.Sleep(cleanup);
                        trace.Line("cleanup ends");
                    }
                });
            }
            catch (CanceledException e)
            {
                trace.Line("cancelled:", e.Message, "expired:", scope.IsExpired, "requests:", task.CancelRequests);
                throw;
            }
            catch (TimeoutException)
            {
                trace.Line("timeout, requests:", task.CancelRequests);
            }
        }

        var task = Asyncio.CreateTask(Work(1));
        await Asyncio.Sleep(0.010);
        task.Cancel("outside");
        await Asyncio.Wait([task]);
        trace.Line("cancelled:", task.IsCanceled);
        task = Asyncio.CreateTask(Work(0));
        await Asyncio.Wait([task]);
        trace.Line("cancelled:", task.IsCanceled);
    });

    [Fact]
    public void TimeoutCancelledBefore() => Check("timeout_cancelled_before", async trace =>
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
                trace.Line("cancelled, requests:", task.CancelRequests);
            }
            try
            {
                await Asyncio.Timeout(0.005, async _ => await Asyncio.Sleep(1));
            }
            catch (TimeoutException)
            {
                trace.Line("timeout, requests:", task.CancelRequests);
            }
            return "result";
        }

        var task = Asyncio.CreateTask(Work());
        await Asyncio.Yield();
        task.Cancel();
        trace.Line(await task);
    });
}
