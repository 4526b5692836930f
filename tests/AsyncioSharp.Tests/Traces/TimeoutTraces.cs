using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class TimeoutTraces : TraceTest
{
    [Fact]
    public void TimeoutExpires() => Check("timeout_expires", async trace =>
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
                    trace.Line("body, expired:", scope.IsExpired);
                    await Asyncio.Sleep(1);
                    trace.Line("never");
                }
                catch (CanceledException)
                {
                    trace.Line("cancelled, expired:", scope.IsExpired, "requests:", task.CancelRequests);
                    throw;
                }
                finally
                {
                    trace.Line("finally");
                }
            });
        }
        catch (TimeoutException)
        {
            trace.Line("timeout, expired:", scope.IsExpired, "requests:", task.CancelRequests);
        }
        await Asyncio.Yield();
        trace.Line("main goes on");
    });

    [Fact]
    public void TimeoutNotReached() => Check("timeout_not_reached", async trace =>
    {
        TimeoutScope scope = null!;
        await Asyncio.Timeout(0.015, async inside =>
        {
            scope = inside;
            await Asyncio.Sleep(0.005);
            trace.Line("body ends");
        });
        trace.Line("expired:", scope.IsExpired);
        await Asyncio.Timeout(null, async inside =>
        {
            scope = inside;
            trace.Line("when:", scope.When);
            await Asyncio.Yield();
        });
        trace.Line("expired:", scope.IsExpired);
        await Asyncio.Sleep(0.020);
        trace.Line("nothing came later");
    });

    [Fact]
    public void TimeoutZero() => Check("timeout_zero", async trace =>
    {
        async Coroutine BodyWithAwait()
        {
            trace.Line("body runs");
            await Asyncio.Yield();
            trace.Line("never");
        }

        async Coroutine BodyWithoutAwait() => trace.Line("body runs");

        foreach (var delay in (double[])[0, -1])
        {
            foreach (var body in (Func<Coroutine>[])[BodyWithAwait, BodyWithoutAwait])
            {
                TimeoutScope scope = null!;
                try
                {
                    await Asyncio.Timeout(delay, async inside =>
                    {
                        scope = inside;
                        await body();
                    });
                    trace.Line("no timeout, expired:", scope.IsExpired);
                }
                catch (TimeoutException)
                {
                    trace.Line("timeout, expired:", scope.IsExpired);
                }
            }
        }
        await Asyncio.Yield();
        trace.Line("requests:", Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    public void TimeoutAtDeadline() => Check("timeout_at_deadline", async trace =>
    {
        var loop = EventLoop.Running;
        TimeoutScope scope = null!;
        foreach (var offset in (int[])[5, -1000])
        {
            var when = loop.Time + TimeSpan.FromMilliseconds(offset);
            try
            {
                await Asyncio.TimeoutAt(when, async inside =>
                {
                    scope = inside;
                    trace.Line("when kept:", scope.When == when);
                    await Asyncio.Sleep(1);
                });
            }
            catch (TimeoutException)
            {
                trace.Line("timeout, expired:", scope.IsExpired, "in time:", loop.Time >= when);
            }
        }
        await Asyncio.TimeoutAt(null, async inside =>
        {
            scope = inside;
            await Asyncio.Yield();
        });
        trace.Line("when:", scope.When);
    });

    [Fact]
    public void TimeoutRescheduled() => Check("timeout_rescheduled", async trace =>
    {
        var loop = EventLoop.Running;
        await Asyncio.Timeout(0.005, async scope =>
        {
            scope.Reschedule(loop.Time + TimeSpan.FromMilliseconds(15));
            await Asyncio.Sleep(0.010);
            trace.Line("later: still here");
            scope.Reschedule(null);
            await Asyncio.Sleep(0.010);
            trace.Line("never: still here, when:", scope.When);
        });
        try
        {
            await Asyncio.Timeout(1, async scope =>
            {
                scope.Reschedule(loop.Time);
                trace.Line("sooner: not yet expired:", scope.IsExpired);
                await Asyncio.Sleep(1);
            });
        }
        catch (TimeoutException)
        {
            trace.Line("sooner: timeout");
        }
    });

    [Fact]
    public void TimeoutRescheduledTooLate() => Check("timeout_rescheduled_too_late", async trace =>
    {
        void Reschedule(string name, TimeoutScope scope)
        {
            try
            {
                scope.Reschedule(null);
                trace.Line(name, "works");
            }
            catch (InvalidOperationException)
            {
                trace.Line(name, "runtime error");
            }
        }

        TimeoutScope scope = null!;
        await Asyncio.Timeout(1, async inside =>
        {
            scope = inside;
            Reschedule("inside", scope);
        });
        Reschedule("finished", scope);
        try
        {
            await Asyncio.Timeout(0, async inside =>
            {
                scope = inside;
                try
                {
                    await Asyncio.Sleep(1);
                }
                finally
                {
                    Reschedule("expiring", scope);
                }
            });
        }
        catch (TimeoutException)
        {
            Reschedule("expired", scope);
        }
    });

    [Fact]
    public void TimeoutSwallowed() => Check("timeout_swallowed", async trace =>
    {
        var task = Asyncio.CurrentTask!;
        TimeoutScope scope = null!;
        await Asyncio.Timeout(0.005, async inside =>
        {
            scope = inside;
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                trace.Line("swallowed, requests:", task.CancelRequests);
            }
            await Asyncio.Sleep(0.005);
            trace.Line("body goes on, expired:", scope.IsExpired);
        });
        trace.Line("no timeout, expired:", scope.IsExpired, "requests:", task.CancelRequests);
    });

    [Fact]
    public void TimeoutOtherError() => Check("timeout_other_error", async trace =>
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
                catch (CanceledException)
                {
                    throw new FormatException("instead");
                }
            });
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message, "expired:", scope.IsExpired, "requests:", task.CancelRequests);
        }
        try
        {
            await Asyncio.Timeout(1, async Coroutine (inside) =>
            {
                scope = inside;
                throw new FormatException("before");
            });
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message, "expired:", scope.IsExpired);
        }
        try
        {
            await Asyncio.Timeout(1, async Coroutine (inside) =>
            {
                scope = inside;
                throw new TimeoutException();
            });
        }
        catch (TimeoutException)
        {
            trace.Line("the body's own timeout, expired:", scope.IsExpired);
        }
    });
}
