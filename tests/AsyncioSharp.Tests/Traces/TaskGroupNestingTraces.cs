namespace AsyncioSharp.Tests.Traces;

/// <summary>Groups inside groups, and groups together with timeouts.</summary>
public class TaskGroupNestingTraces : TraceTest
{
    [Fact]
    public void GroupNested() => Check("group_nested", async trace =>
    {
        async Coroutine Child(string name, string? text)
        {
            try
            {
                await Asyncio.Sleep(text is null ? 1 : 0);
                throw new FormatException(text);
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
                throw;
            }
        }

        string Words(Exception error) => error is AggregateException group
            ? $"[{string.Join(", ", group.InnerExceptions.Select(Words))}]"
            : error.Message;

        var task = Asyncio.CurrentTask!;
        try
        {
            await TaskGroup.RunAsync(async outer =>
            {
                outer.StartSoon(Child("outer child", null));
                try
                {
                    await TaskGroup.RunAsync(async inner =>
                    {
                        inner.StartSoon(Child("inner child", "boom"));
                        await Asyncio.Sleep(1);
                    });
                }
                catch (AggregateException errors)
                {
                    trace.Line("inner:", Words(errors), "requests:", task.CancelRequests);
                    throw;
                }
            });
        }
        catch (AggregateException errors)
        {
            trace.Line("outer:", Words(errors), "requests:", task.CancelRequests);
        }
    });

    [Fact]
    public void GroupNestedOuterFails() => Check("group_nested_outer_fails", async trace =>
    {
        async Coroutine Fails()
        {
            await Asyncio.Yield();
            trace.Line("outer child fails");
            throw new FormatException("boom");
        }

        async Coroutine Child()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line("inner child finally");
            }
        }

        var task = Asyncio.CurrentTask!;
        try
        {
            await TaskGroup.RunAsync(async outer =>
            {
                outer.StartSoon(Fails());
                try
                {
                    await TaskGroup.RunAsync(async inner =>
                    {
                        inner.StartSoon(Child());
                        await Asyncio.Sleep(1);
                    });
                }
                catch (CanceledException)
                {
                    trace.Line("inner group cancelled, requests:", task.CancelRequests);
                    throw;
                }
            });
        }
        catch (AggregateException errors)
        {
            trace.Line(["errors:", .. Messages(errors), "requests:", task.CancelRequests]);
        }
        await Asyncio.Yield();
        trace.Line("main goes on");
    });

    [Fact]
    public void GroupNestedCaughtInside() => Check("group_nested_caught_inside", async trace =>
    {
        async Coroutine Fails(string text) => throw new FormatException(text);

        async Coroutine<string> Steady()
        {
            await Asyncio.Sleep(0.005);
            trace.Line("steady ends");
            return "steady result";
        }

        AsyncioTask<string> task = null!;
        await TaskGroup.RunAsync(async outer =>
        {
            task = outer.CreateTask(Steady());
            foreach (var text in (string[])["one", "two"])
            {
                try
                {
                    await TaskGroup.RunAsync(async inner =>
                    {
                        inner.StartSoon(Fails(text));
                        await Asyncio.Sleep(1);
                    });
                }
                catch (AggregateException errors)
                {
                    trace.Line(["inner errors:", .. Messages(errors)]);
                }
            }
            await Asyncio.Yield();
            trace.Line("outer body ends");
        });
        trace.Line(task.Result);
    });

    [Fact]
    public void GroupInTimeout() => Check("group_in_timeout", async trace =>
    {
        async Coroutine Child()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line("child finally");
            }
        }

        var task = Asyncio.CurrentTask!;
        TimeoutScope scope = null!;
        try
        {
            await Asyncio.Timeout(0.005, async inside =>
            {
                scope = inside;
                await TaskGroup.RunAsync(async group =>
                {
                    group.StartSoon(Child());
                    trace.Line("body ends");
                });
            });
        }
        catch (TimeoutException)
        {
            trace.Line("timeout, expired:", scope.IsExpired, "requests:", task.CancelRequests);
        }
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Asyncio.Yield());
            try
            {
                await Asyncio.Timeout(0, async _ => await Asyncio.Sleep(1));
            }
            catch (TimeoutException)
            {
                trace.Line("timeout in the body");
            }
        });
        trace.Line("end, requests:", task.CancelRequests);
    });

    [Fact]
    public void GroupTimeoutInChild() => Check("group_timeout_in_child", async trace =>
    {
        async Coroutine Slow() => await Asyncio.Timeout(0.005, async _ => await Asyncio.Sleep(1));

        async Coroutine Sibling()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line("sibling finally");
            }
        }

        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(Slow());
                group.StartSoon(Sibling());
            });
        }
        catch (AggregateException errors) when (errors.InnerExceptions.All(error => error is TimeoutException))
        {
            trace.Line("timeouts:", errors.InnerExceptions.Count);
        }
        trace.Line("requests:", Asyncio.CurrentTask!.CancelRequests);
    });
}
