namespace AsyncioSharp.Tests.Traces;

/// <summary>Groups of which a child or the body fails.</summary>
public class TaskGroupFailureTraces : TraceTest
{
    [Fact]
    public void GroupChildFails() => Check("group_child_fails", async trace =>
    {
        async Coroutine Fails()
        {
            await Asyncio.Yield();
            trace.Line("fails");
            throw new FormatException("boom");
        }

        async Coroutine Sibling()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                trace.Line("sibling cancelled");
                throw;
            }
            finally
            {
                trace.Line("sibling finally");
            }
        }

        var task = Asyncio.CurrentTask!;
        AsyncioTask other = null!;
        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                other = group.CreateTask(Sibling());
                group.StartSoon(Fails());
                try
                {
                    await Asyncio.Sleep(1);
                }
                catch (CanceledException)
                {
                    trace.Line("body cancelled, requests:", task.CancelRequests);
                    throw;
                }
            });
        }
        catch (AggregateException errors)
        {
            trace.Line(["errors:", .. Messages(errors)]);
        }
        trace.Line("sibling cancelled:", other.IsCanceled, "requests:", task.CancelRequests);
        await Asyncio.Yield();
        trace.Line("main goes on");
    });

    [Fact]
    public void GroupChildFailsAfterBody() => Check("group_child_fails_after_body", async trace =>
    {
        async Coroutine Fails()
        {
            await Asyncio.Sleep(0.005);
            trace.Line("fails");
            throw new FormatException("boom");
        }

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

        var task = Asyncio.CurrentTask!;
        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(Fails());
                group.StartSoon(Sibling());
                trace.Line("body ends");
            });
        }
        catch (AggregateException errors)
        {
            trace.Line(["errors:", .. Messages(errors)]);
        }
        trace.Line("requests:", task.CancelRequests);
        await Asyncio.Yield();
        trace.Line("main goes on");
    });

    [Fact]
    public void GroupBodyFails() => Check("group_body_fails", async trace =>
    {
        async Coroutine Child(string name, string? failure)
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
                if (failure is not null)
                    throw new KeyNotFoundException(failure);
                throw;
            }
        }

        async Coroutine Attempt(string? failure)
        {
            try
            {
                await TaskGroup.RunAsync(async Coroutine (group) =>
                {
                    group.StartSoon(Child("child", failure));
                    await Asyncio.Yield();
                    trace.Line("body fails");
                    throw new FormatException("from the body");
                });
            }
            catch (AggregateException errors)
            {
                trace.Line(["errors:", .. Messages(errors)]);
            }
        }

        await Attempt(null);
        await Attempt("from the child");
        trace.Line("requests:", Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    public void GroupSeveralFail() => Check("group_several_fail", async trace =>
    {
        async Coroutine Fails(string text, double delay)
        {
            try
            {
                await Asyncio.Sleep(delay);
            }
            catch (CanceledException)
            {
                trace.Line(text, "is cancelled and fails");
            }
            throw new FormatException(text);
        }

        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                foreach (var (text, delay) in ((string, double)[])[("slow", 1), ("first", 0), ("second", 0)])
                    group.StartSoon(Fails(text, delay));
            });
        }
        catch (AggregateException errors)
        {
            trace.Line(["errors:", .. Messages(errors)]);
        }
    });

    [Fact]
    public void GroupCancelledAndChildFails() => Check("group_cancelled_and_child_fails", async trace =>
    {
        async Coroutine Child()
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

        async Coroutine Parent()
        {
            var task = Asyncio.CurrentTask!;
            try
            {
                await TaskGroup.RunAsync(async group => group.StartSoon(Child()));
            }
            catch (AggregateException errors)
            {
                trace.Line(["errors:", .. Messages(errors), "requests:", task.CancelRequests]);
            }
            try
            {
                await Asyncio.Yield();
                trace.Line("never");
            }
            catch (CanceledException)
            {
                trace.Line("the cancellation comes again, requests:", task.CancelRequests);
                throw;
            }
        }

        var task = Asyncio.CreateTask(Parent());
        await Asyncio.Yield();
        await Asyncio.Yield();
        task.Cancel();
        await Asyncio.Wait([task]);
        trace.Line("cancelled:", task.IsCanceled);
    });

    [Fact]
    public void GroupBodySwallows() => Check("group_body_swallows", async trace =>
    {
        async Coroutine Fails() => throw new FormatException("boom");

        var task = Asyncio.CurrentTask!;
        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(Fails());
                try
                {
                    await Asyncio.Sleep(1);
                }
                catch (CanceledException)
                {
                    trace.Line("body swallows, requests:", task.CancelRequests);
                }
                await Asyncio.Yield();
                trace.Line("body goes on, requests:", task.CancelRequests);
            });
        }
        catch (AggregateException errors)
        {
            trace.Line(["errors:", .. Messages(errors), "requests:", task.CancelRequests]);
        }
    });
}
