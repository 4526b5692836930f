using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class TaskGroupTraces : TraceTest
{
    [Fact]
    public void GroupWaitsForAll() => Check("group_waits_for_all", async trace =>
    {
        async Coroutine<string> Child(string name, double delay)
        {
            trace.Line(name, "starts");
            await Asyncio.Sleep(delay);
            trace.Line(name, "ends");
            return name + " result";
        }

        AsyncioTask<string>[] tasks = [];
        await TaskGroup.RunAsync(async group =>
        {
            tasks = [group.CreateTask(Child("a", 0.010)), group.CreateTask(Child("b", 0.005)), group.CreateTask(Child("c", 0))];
            trace.Line("body ends");
        });
        trace.Line("group ends:", tasks[0].Result, tasks[1].Result, tasks[2].Result);
    });

    [Fact]
    public void GroupEmptyDoesNotYield() => Check("group_empty_does_not_yield", async trace =>
    {
        async Coroutine Child() => trace.Line("child runs");

        var loop = EventLoop.Running;
        loop.CallSoon(() => trace.Line("callback 1"));
        await TaskGroup.RunAsync(async _ => trace.Line("empty body"));
        trace.Line("after the empty group");
        await Asyncio.Yield();
        await TaskGroup.RunAsync(async group =>
        {
            var task = group.CreateTask(Child());
            await task;
            trace.Line("child done in the body");
            await Asyncio.Yield();
            loop.CallSoon(() => trace.Line("callback 2"));
        });
        trace.Line("after a group whose child is done");
        await Asyncio.Yield();
    });

    [Fact]
    public void GroupCreateWhileExiting() => Check("group_create_while_exiting", async trace =>
    {
        async Coroutine Parent(TaskGroup group, string name, int depth)
        {
            trace.Line(name, "starts");
            await Asyncio.Yield();
            if (depth > 0)
                group.StartSoon(Parent(group, name + "+", depth - 1));
            trace.Line(name, "ends");
        }

        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Parent(group, "a", 3));
            group.StartSoon(Parent(group, "b", 1));
            trace.Line("body ends");
        });
        trace.Line("group ends");
    });

    [Fact]
    public void GroupCreateTooLate() => Check("group_create_too_late", async trace =>
    {
        async Coroutine Work() => trace.Line("never");

        void Create(string name, TaskGroup group)
        {
            try
            {
                group.StartSoon(Work());
                trace.Line(name, "works");
            }
            catch (InvalidOperationException)
            {
                trace.Line(name, "runtime error");
            }
        }

        async Coroutine Fails() => throw new FormatException("boom");

        TaskGroup group = null!;
        await TaskGroup.RunAsync(async inside =>
        {
            group = inside;
            trace.Line("body");
        });
        Create("finished", group);
        try
        {
            await TaskGroup.RunAsync(async inside =>
            {
                group = inside;
                group.StartSoon(Fails());
                try
                {
                    await Asyncio.Sleep(1);
                }
                finally
                {
                    Create("shutting down", group);
                }
            });
        }
        catch (AggregateException errors)
        {
            trace.Line(["errors:", .. Messages(errors)]);
        }
        Create("failed", group);
    });

    [Fact]
    public void GroupBodyReturnsResult() => Check("group_body_returns_result", async trace =>
    {
        async Coroutine<int> Child(int n)
        {
            await Asyncio.Sleep(0.005 * n);
            trace.Line("child", n);
            return n * n;
        }

        async Coroutine<int[]> Squares(int count)
        {
            AsyncioTask<int>[] tasks = [];
            await TaskGroup.RunAsync(async group => tasks = [.. Enumerable.Range(0, count).Select(n => group.CreateTask(Child(n)))]);
            return [.. tasks.Select(task => task.Result)];
        }

        trace.Line([.. await Squares(4)]);
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Squares(2));
            group.StartSoon(Child(0));
        });
        trace.Line("end");
    });

    [Fact]
    public void GroupChildCancelled() => Check("group_child_cancelled", async trace =>
    {
        async Coroutine Child(string name)
        {
            try
            {
                await Asyncio.Sleep(0.005);
                trace.Line(name, "ends");
            }
            finally
            {
                trace.Line(name, "finally");
            }
        }

        async Coroutine CancelsItself() => throw new CanceledException();

        AsyncioTask a = null!;
        AsyncioTask b = null!;
        AsyncioTask c = null!;
        await TaskGroup.RunAsync(async group =>
        {
            a = group.CreateTask(Child("a"));
            b = group.CreateTask(Child("b"));
            c = group.CreateTask(CancelsItself());
            await Asyncio.Yield();
            a.Cancel();
            trace.Line("a is being cancelled");
        });
        trace.Line("group ends, cancelled:", a.IsCanceled, b.IsCanceled, c.IsCanceled);
    });

    [Fact]
    public void GroupCancelledFromOutside() => Check("group_cancelled_from_outside", async trace =>
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

        async Coroutine Parent(bool inBody)
        {
            try
            {
                await TaskGroup.RunAsync(async group =>
                {
                    group.StartSoon(Child());
                    if (inBody)
                    {
                        try
                        {
                            await Asyncio.Sleep(1);
                        }
                        finally
                        {
                            trace.Line("body finally");
                        }
                    }
                });
            }
            catch (CanceledException e)
            {
                trace.Line("parent cancelled:", e.Message, "requests:", Asyncio.CurrentTask!.CancelRequests);
                throw;
            }
        }

        foreach (var inBody in (bool[])[true, false])
        {
            var task = Asyncio.CreateTask(Parent(inBody));
            await Asyncio.Yield();
            await Asyncio.Yield();
            task.Cancel("outside");
            await Asyncio.Wait([task]);
            trace.Line("cancelled:", task.IsCanceled);
        }
    });

    [Fact]
    public void GroupCancelledRepeatedly() => Check("group_cancelled_repeatedly", async trace =>
    {
        async Coroutine Child()
        {
            for (var n = 0; n < 3; n++)
            {
                try
                {
                    await Asyncio.Sleep(0.010);
                    trace.Line("child slept");
                }
                catch (CanceledException)
                {
                    trace.Line("child swallows");
                }
            }
        }

        async Coroutine Parent()
        {
            try
            {
                await TaskGroup.RunAsync(async group => group.StartSoon(Child()));
            }
            catch (CanceledException)
            {
                trace.Line("parent cancelled, requests:", Asyncio.CurrentTask!.CancelRequests);
                throw;
            }
        }

        var task = Asyncio.CreateTask(Parent());
        await Asyncio.Yield();
        await Asyncio.Yield();
        for (var n = 0; n < 2; n++)
        {
            task.Cancel();
            await Asyncio.Yield();
            await Asyncio.Yield();
        }
        await Asyncio.Wait([task]);
        trace.Line("cancelled:", task.IsCanceled);
    });
}
