namespace AsyncioSharp.Tests.Traces;

/// <summary>Groups in groups, timeouts in groups in timeouts, and both in clean-up code.</summary>
public class StructuredNestingTraces : TraceTest
{
    [Fact]
    public void GroupThreeDeep() => Check("group_three_deep", async trace =>
    {
        string Words(Exception error) => error is AggregateException group
            ? $"[{string.Join(", ", group.InnerExceptions.Select(Words))}]"
            : error.Message;

        async Coroutine Sleeper(string name)
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line(name, "finally");
            }
        }

        async Coroutine Fails()
        {
            await Asyncio.Sleep(0.01);
            trace.Line("fails");
            throw new FormatException("boom");
        }

        async Coroutine Level(int depth)
        {
            var task = Asyncio.CurrentTask!;
            try
            {
                await TaskGroup.RunAsync(async group =>
                {
                    group.StartSoon(Sleeper($"sleeper {depth}"));
                    if (depth < 3)
                    {
                        await Level(depth + 1);
                    }
                    else
                    {
                        group.StartSoon(Fails());
                        await Asyncio.Sleep(1);
                    }
                });
            }
            finally
            {
                trace.Line("level", depth, "left, requests:", task.CancelRequests);
            }
        }

        try
        {
            await Level(1);
        }
        catch (AggregateException errors)
        {
            trace.Line(Words(errors));
        }
    });

    [Fact]
    public void TimeoutGroupTimeout() => Check("timeout_group_timeout", async trace =>
    {
        async Coroutine Child(string name, double delay)
        {
            try
            {
                await Asyncio.Timeout(delay, async _ =>
                {
                    try
                    {
                        await Asyncio.Sleep(1);
                    }
                    finally
                    {
                        trace.Line(name, "requests:", Asyncio.CurrentTask!.CancelRequests);
                    }
                });
            }
            catch (TimeoutException)
            {
                trace.Line(name, "timed out");
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line(name, "ends");
            }
        }

        var task = Asyncio.CurrentTask!;
        foreach (var delay in new[] { 0.01, 0.02, 0.03 })
        {
            TimeoutScope outer = null!;
            try
            {
                await Asyncio.Timeout(0.02, async scope =>
                {
                    outer = scope;
                    await TaskGroup.RunAsync(async group =>
                    {
                        group.StartSoon(Child("child", delay + 0.005));
                        await Asyncio.Timeout(delay, async _ => await Asyncio.Sleep(1));
                    });
                });
            }
            catch (TimeoutException)
            {
                trace.Line("timeout, expired:", outer.IsExpired, "requests:", task.CancelRequests);
            }
            catch (AggregateException errors)
            {
                trace.Line(["errors:", .. errors.InnerExceptions.Select(error => (object)(error is TimeoutException)),
                    "expired:", outer.IsExpired, "requests:", task.CancelRequests]);
            }
        }
    });

    [Fact]
    public void TimeoutWaitsForGroup() => Check("timeout_waits_for_group", async trace =>
    {
        async Coroutine Slow()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line("cleans up");
                await Asyncio.Sleep(0.05);
                trace.Line("cleaned up");
            }
        }

        var loop = Asyncio.CurrentTask!.Loop;
        var start = loop.Time;
        try
        {
            await Asyncio.Timeout(0.01, async _ => await TaskGroup.RunAsync(async group => group.StartSoon(Slow())));
        }
        catch (TimeoutException)
        {
            trace.Line("timeout, late:", loop.Time - start > TimeSpan.FromSeconds(0.05));
        }
        try
        {
            await Asyncio.Timeout(0.01, async _ => await Asyncio.Timeout(0.02, async _ =>
            {
                try
                {
                    await Asyncio.Sleep(1);
                }
                finally
                {
                    try
                    {
                        await Asyncio.Sleep(1);
                    }
                    finally
                    {
                        trace.Line("interrupted twice, requests:", Asyncio.CurrentTask!.CancelRequests);
                    }
                }
            }));
        }
        catch (TimeoutException e)
        {
            trace.Line("timeout", e.InnerException is CanceledException, "requests:", Asyncio.CurrentTask!.CancelRequests);
        }
    });

    [Fact]
    public void TimeoutInCleanup() => Check("timeout_in_cleanup", async trace =>
    {
        async Coroutine CleansUp()
        {
            var task = Asyncio.CurrentTask!;
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line("requests:", task.CancelRequests);
                try
                {
                    await Asyncio.Timeout(0.01, async _ => await Asyncio.Sleep(1));
                }
                catch (TimeoutException)
                {
                    trace.Line("timeout in clean-up, requests:", task.CancelRequests);
                }
                await TaskGroup.RunAsync(async group => group.StartSoon(Asyncio.Sleep(0.01)));
                trace.Line("group in clean-up, requests:", task.CancelRequests);
            }
        }

        var task = Asyncio.CreateTask(CleansUp());
        await Asyncio.Yield();
        task.Cancel();
        await Asyncio.Wait([task]);
        trace.Line("cancelled:", task.IsCanceled, "requests:", task.CancelRequests);
    });

    [Fact]
    public void WaitForInGroup() => Check("wait_for_in_group", async trace =>
    {
        async Coroutine Slow(string name)
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line(name, "finally");
            }
        }

        async Coroutine Child(string name, double delay)
        {
            try
            {
                await Asyncio.WaitFor(Slow(name), delay);
            }
            catch (TimeoutException)
            {
                trace.Line(name, "timed out, requests:", Asyncio.CurrentTask!.CancelRequests);
            }
        }

        var task = Asyncio.CurrentTask!;
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Child("a", 0.01));
            group.StartSoon(Child("b", 0.02));
            await Child("body", 0.03);
        });
        try
        {
            await Asyncio.WaitFor(Asyncio.WaitFor(Slow("nested"), 0.02), 0.01);
        }
        catch (TimeoutException)
        {
            trace.Line("outer timed out, requests:", task.CancelRequests);
        }
        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(Asyncio.WaitFor(Slow("c"), 0.01));
                group.StartSoon(Slow("d"));
            });
        }
        catch (AggregateException errors)
        {
            trace.Line("errors:", errors.InnerExceptions.Count, "requests:", task.CancelRequests);
        }
    });
}
