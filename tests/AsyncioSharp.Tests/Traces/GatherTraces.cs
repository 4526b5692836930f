using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class GatherTraces : TraceTest
{
    [Fact]
    public void GatherResultsOrder() => Check("gather_results_order", async trace =>
    {
        async Coroutine<string> Work(string name, double delay)
        {
            trace.Line(name, "starts");
            await Asyncio.Sleep(delay);
            trace.Line(name, "ends");
            return name + " result";
        }

        var gathering = Asyncio.Gather<string>([Work("a", 0.010), Work("b", 0), Work("c", 0.005)]);
        trace.Line("gathering, done:", gathering.IsCompleted);
        trace.Line([.. await gathering]);
        var empty = Asyncio.Gather(Array.Empty<Coroutine<string>>());
        trace.Line("empty:", (await empty).Length);
    });

    [Fact]
    public void GatherFirstFailure() => Check("gather_first_failure", async trace =>
    {
        async Coroutine<string> Work(string name, double delay, string? failure = null)
        {
            await Asyncio.Sleep(delay);
            trace.Line(name, "ends");
            if (failure is not null)
                throw new FormatException(failure);
            return name;
        }

        var a = Asyncio.CreateTask(Work("a", 0.005));
        var b = Asyncio.CreateTask(Work("b", 0, "first failure"));
        var c = Asyncio.CreateTask(Work("c", 0.010, "second failure"));
        try
        {
            await Asyncio.Gather<string>([a, b, c]);
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message);
        }
        trace.Line("done:", a.IsCompleted, b.IsCompleted, c.IsCompleted);
        await Asyncio.Sleep(0.015);
        trace.Line("done:", a.IsCompleted, b.IsCompleted, c.IsCompleted);
    });

    [Fact]
    public void GatherOutcomes() => Check("gather_outcomes", async trace =>
    {
        async Coroutine<string> Work(string kind)
        {
            await Asyncio.Yield();
            return kind switch
            {
                "fails" => throw new FormatException("boom"),
                "cancels" => throw new CanceledException(),
                _ => kind,
            };
        }

        string Word(Outcome<string> outcome) => outcome switch
        {
            { IsCanceled: true } => "cancelled",
            { Exception: { } error } => $"value error: {error.Message}",
            _ => outcome.Value,
        };

        string[] kinds = ["returns", "fails", "cancels", "ends"];
        foreach (var outcome in await Asyncio.GatherOutcomes(kinds.Select(Work)))
            trace.Line(Word(outcome));
        trace.Line("requests:", Asyncio.CurrentTask!.CancelRequests);
    });

    [Fact]
    public void GatherDuplicates() => Check("gather_duplicates", async trace =>
    {
        async Coroutine<string> Work(string name)
        {
            trace.Line(name, "runs");
            await Asyncio.Yield();
            return name;
        }

        var a = Asyncio.CreateTask(Work("a"));
        var b = Asyncio.CreateTask(Work("b"));
        trace.Line([.. await Asyncio.Gather<string>([a, b, a, a])]);
        var gathering = Asyncio.Gather<string>([a, a]);
        trace.Line("done at once:", gathering.IsCompleted);
        trace.Line([.. await gathering]);
    });

    [Fact]
    public void GatherIterations() => Check("gather_iterations", async trace =>
    {
        async Coroutine<string> Work(string name)
        {
            trace.Line(name, "runs");
            return name;
        }

        var loop = EventLoop.Running;

        void Tick(int n)
        {
            trace.Line("tick", n);
            if (n < 5)
                loop.CallSoon(() => Tick(n + 1));
        }

        loop.CallSoon(() => Tick(1));
        trace.Line([.. await Asyncio.Gather<string>([Work("a"), Work("b")])]);
        var finished = Asyncio.Gather<string>([Asyncio.Sleep(TimeSpan.Zero, "c"), Asyncio.Sleep(TimeSpan.Zero, "d")]);
        finished.AddDoneCallback(_ => trace.Line("callback"));
        trace.Line([.. await finished]);
    });

    [Fact]
    public void GatherInGroupOfTasks() => Check("gather_in_group_of_tasks", async trace =>
    {
        async Coroutine<string> Leaf(string name, bool fails)
        {
            await Asyncio.Yield();
            return fails ? throw new FormatException(name) : name;
        }

        async Coroutine<string[]> Branch(string name, bool fails)
        {
            try
            {
                return await Asyncio.Gather<string>([Leaf(name + "1", false), Leaf(name + "2", fails)]);
            }
            finally
            {
                trace.Line("branch", name, "finally");
            }
        }

        var trees = await Asyncio.Gather<string[]>([Branch("a", false), Branch("b", false)]);
        trace.Line([.. trees.SelectMany(tree => tree)]);
        try
        {
            await Asyncio.Gather<string[]>([Branch("c", true), Branch("d", false)]);
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message);
        }
        await Asyncio.Yield();
        trace.Line("end");
    });

    [Fact]
    public void GatherCancelled() => Check("gather_cancelled", async trace =>
    {
        async Coroutine<string> Work(string name, bool swallows = false)
        {
            try
            {
                await Asyncio.Sleep(1);
                return "never";
            }
            catch (CanceledException e)
            {
                trace.Line(name, "cancelled:", e.Message);
                if (!swallows)
                    throw;
                return name + " result";
            }
        }

        foreach (var swallows in (bool[])[false, true])
        {
            var a = Asyncio.CreateTask(Work("a"));
            var b = Asyncio.CreateTask(Work("b", swallows));
            var gathering = Asyncio.Gather<string>([a, b]);
            await Asyncio.Yield();
            trace.Line("cancel:", gathering.Cancel("all of it"));
            trace.Line("done at once:", gathering.IsCompleted);
            try
            {
                await gathering;
            }
            catch (CanceledException)
            {
                trace.Line("gathering: cancelled");
            }
            trace.Line("children cancelled:", a.IsCanceled, b.IsCanceled);
            trace.Line("cancel again:", gathering.Cancel());
        }
    });

    [Fact]
    public void GatherAwaiterCancelled() => Check("gather_awaiter_cancelled", async trace =>
    {
        async Coroutine Work(string name)
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

        async Coroutine Gatherer(bool outcomes)
        {
            try
            {
                if (outcomes)
                    await Asyncio.GatherOutcomes([Work("a"), Work("b")]);
                else
                    await Asyncio.Gather([Work("a"), Work("b")]);
                trace.Line("never");
            }
            catch (CanceledException)
            {
                trace.Line("gatherer cancelled, requests:", Asyncio.CurrentTask!.CancelRequests);
                throw;
            }
        }

        foreach (var outcomes in (bool[])[false, true])
        {
            var task = Asyncio.CreateTask(Gatherer(outcomes));
            await Asyncio.Yield();
            await Asyncio.Yield();
            task.Cancel();
            trace.Line("cancel was called");
            await Asyncio.Wait([task]);
            trace.Line("cancelled:", task.IsCanceled);
        }
    });

    [Fact]
    public void GatherChildCancelled() => Check("gather_child_cancelled", async trace =>
    {
        async Coroutine Work(string name)
        {
            try
            {
                await Asyncio.Sleep(0.005);
                trace.Line(name, "ends");
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
                throw;
            }
        }

        var a = Asyncio.CreateTask(Work("a"));
        var b = Asyncio.CreateTask(Work("b"));
        var gathering = Asyncio.Gather(a, b);
        await Asyncio.Yield();
        a.Cancel();
        try
        {
            await gathering;
        }
        catch (CanceledException)
        {
            trace.Line("gathering raised, requests:", Asyncio.CurrentTask!.CancelRequests);
        }
        trace.Line("gathering done:", gathering.IsCompleted, "cancelled:", gathering.IsCanceled);
        trace.Line("b done:", b.IsCompleted);
        await b;
        trace.Line("main goes on");
    });
}
