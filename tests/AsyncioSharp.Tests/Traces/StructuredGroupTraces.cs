namespace AsyncioSharp.Tests.Traces;

/// <summary>Groups that end in every way: by failures, by cancellations, by both in the same turn.</summary>
public class StructuredGroupTraces : TraceTest
{
    [Fact]
    public void GroupRacesWithCancel() => Check("group_races_with_cancel", async trace =>
    {
        async Coroutine Fails(string name)
        {
            await Expect.Turns(3);
            trace.Line(name, "fails");
            throw new FormatException(name);
        }

        async Coroutine Group(string name)
        {
            var task = Asyncio.CurrentTask!;
            try
            {
                try
                {
                    await TaskGroup.RunAsync(async group =>
                    {
                        group.StartSoon(Fails(name));
                        await Asyncio.Sleep(1);
                    });
                }
                catch (AggregateException errors)
                {
                    trace.Line([name, "errors:", .. Messages(errors), "requests:", task.CancelRequests]);
                    await Asyncio.Yield();
                    trace.Line(name, "not cancelled");
                }
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled, requests:", task.CancelRequests);
                throw;
            }
        }

        for (var turns = 3; turns < 10; turns++)
        {
            var task = Asyncio.CreateTask(Group($"after {turns}"));
            await Expect.Turns(turns);
            trace.Line("cancel:", task.Cancel());
            await Asyncio.Wait([task]);
            trace.Line("cancelled:", task.IsCanceled, "requests:", task.CancelRequests);
        }
    });

    [Fact]
    public void GroupLastChildAndCancel() => Check("group_last_child_and_cancel", async trace =>
    {
        async Coroutine Child()
        {
            await Asyncio.Yield();
            await Asyncio.Yield();
            trace.Line("child ends");
        }

        async Coroutine Group()
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(Child());
                trace.Line("body ends");
            });
            trace.Line("group ends, requests:", Asyncio.CurrentTask!.CancelRequests);
            await Asyncio.Yield();
            trace.Line("goes on");
        }

        for (var turns = 1; turns < 8; turns++)
        {
            var task = Asyncio.CreateTask(Group());
            await Expect.Turns(turns);
            trace.Line("turn", turns, "cancel:", task.Cancel());
            await Asyncio.Wait([task]);
            trace.Line("cancelled:", task.IsCanceled, "requests:", task.CancelRequests);
        }
    });

    [Fact]
    public void GroupCancelledBeforeEntry() => Check("group_cancelled_before_entry", async trace =>
    {
        async Coroutine Child() => trace.Line("child runs");

        async Coroutine Group(bool waits)
        {
            var task = Asyncio.CurrentTask!;
            task.Cancel();
            try
            {
                await TaskGroup.RunAsync(async group =>
                {
                    group.StartSoon(Child());
                    if (waits)
                        await Asyncio.Yield();
                    trace.Line("body ends, requests:", task.CancelRequests);
                });
                trace.Line("group ends");
            }
            finally
            {
                trace.Line("requests:", task.CancelRequests);
            }
        }

        foreach (var waits in new[] { true, false })
        {
            var task = Asyncio.CreateTask(Group(waits));
            await Asyncio.Wait([task]);
            trace.Line("cancelled:", task.IsCanceled);
        }
    });

    [Fact]
    public void GroupFailureWhileLeaving() => Check("group_failure_while_leaving", async trace =>
    {
        async Coroutine Fails(string name, int turns)
        {
            await Expect.Turns(turns);
            trace.Line(name, "fails");
            throw new FormatException(name);
        }

        async Coroutine Slow(string name)
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line(name, "cleans up");
                await Asyncio.Sleep(0.01);
                trace.Line(name, "cleaned up");
            }
        }

        async Coroutine SlowAndFails(string name)
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                await Asyncio.Sleep(0.02);
                throw new FormatException(name);
            }
        }

        var task = Asyncio.CurrentTask!;
        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(Slow("a"));
                group.StartSoon(SlowAndFails("b"));
                group.StartSoon(Fails("c", 2));
                group.StartSoon(Fails("d", 2));
                group.StartSoon(Fails("e", 9));
                trace.Line("body ends");
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
    public void GroupSpawnsWhileLeaving() => Check("group_spawns_while_leaving", async trace =>
    {
        async Coroutine Child(TaskGroup group, int depth)
        {
            trace.Line("child", depth, "begins");
            await Asyncio.Yield();
            if (depth < 3)
            {
                group.StartSoon(Child(group, depth + 1));
                group.StartSoon(Child(group, 9));
            }
            await Asyncio.Yield();
            trace.Line("child", depth, "ends");
        }

        TaskGroup ended = null!;
        await TaskGroup.RunAsync(async group =>
        {
            ended = group;
            group.StartSoon(Child(group, 0));
            trace.Line("body ends");
        });
        trace.Line("group ends");
        try
        {
            ended.StartSoon(Child(ended, 5));
        }
        catch (InvalidOperationException)
        {
            trace.Line("too late");
        }
    });

    [Fact]
    public void GroupChildrenSwallow() => Check("group_children_swallow", async trace =>
    {
        async Coroutine<string> Swallows(string name, int times)
        {
            for (var i = 0; i < times; i++)
            {
                try
                {
                    await Asyncio.Sleep(1);
                    trace.Line(name, "slept");
                }
                catch (CanceledException)
                {
                    trace.Line(name, "swallows", i, "requests:", Asyncio.CurrentTask!.CancelRequests);
                }
            }
            return name;
        }

        async Coroutine Fails()
        {
            await Asyncio.Yield();
            throw new FormatException("boom");
        }

        var task = Asyncio.CurrentTask!;
        var tasks = new List<AsyncioTask<string>>();
        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                tasks.Add(group.CreateTask(Swallows("b", 3)));
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
                trace.Line("body goes on");
            });
        }
        catch (AggregateException errors)
        {
            trace.Line(["errors:", .. Messages(errors), "requests:", task.CancelRequests]);
        }
        foreach (var each in tasks)
            trace.Line(each.Result, "cancelled:", each.IsCanceled);
    });

    [Fact]
    public void GroupBodyCancelsItsTask() => Check("group_body_cancels_its_task", async trace =>
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

        async Coroutine Group(bool failing)
        {
            var task = Asyncio.CurrentTask!;
            try
            {
                await TaskGroup.RunAsync(async group =>
                {
                    group.StartSoon(Child());
                    await Asyncio.Yield();
                    task.Cancel();
                    if (failing)
                        throw new FormatException("boom");
                    trace.Line("body ends, requests:", task.CancelRequests);
                });
            }
            catch (AggregateException errors)
            {
                trace.Line(["errors:", .. Messages(errors), "requests:", task.CancelRequests]);
                await Asyncio.Yield();
                trace.Line("not cancelled");
            }
        }

        foreach (var failing in new[] { false, true })
        {
            var task = Asyncio.CreateTask(Group(failing));
            await Asyncio.Wait([task]);
            trace.Line("cancelled:", task.IsCanceled, "requests:", task.CancelRequests);
        }
    });
}
