namespace AsyncioSharp.Tests.Traces;

public class AsCompletedTraces : TraceTest
{
    [Fact]
    public void AsCompletedOrder() => Check("as_completed_order", async trace =>
    {
        async Coroutine<string> Work(string name, double delay)
        {
            await Asyncio.Sleep(delay);
            trace.Line(name, "ends");
            if (name == "c")
                throw new FormatException("boom");
            return name + " result";
        }

        AsyncioTask<string>[] tasks =
        [
            Asyncio.CreateTask(Work("a", 0.015)),
            Asyncio.CreateTask(Work("b", 0.005)),
            Asyncio.CreateTask(Work("c", 0.010)),
        ];
        await foreach (var task in Asyncio.AsCompleted(tasks))
        {
            trace.Line("one of them:", tasks.Contains(task), "done:", ((Future)task).IsCompleted);
            try
            {
                trace.Line(await task);
            }
            catch (FormatException e)
            {
                trace.Line("value error:", e.Message);
            }
        }
        trace.Line("end");
    });

    [Fact]
    public void AsCompletedTimeout() => Check("as_completed_timeout", async trace =>
    {
        async Coroutine<string> Work(string name, double delay)
        {
            await Asyncio.Sleep(delay);
            trace.Line(name, "ends");
            return name;
        }

        var a = Asyncio.CreateTask(Work("a", 0.005));
        var b = Asyncio.CreateTask(Work("b", 0.015));
        try
        {
            await foreach (var task in Asyncio.AsCompleted<string>([a, b], TimeSpan.FromMilliseconds(10)))
                trace.Line("got", await task);
        }
        catch (TimeoutException)
        {
            trace.Line("timeout");
        }
        trace.Line("b done:", b.IsCompleted, "cancelled:", b.IsCanceled);
        trace.Line("got", await b);
    });

    [Fact]
    public void AsCompletedDuplicates() => Check("as_completed_duplicates", async trace =>
    {
        async Coroutine<string> Work(string name, double delay)
        {
            await Asyncio.Sleep(delay);
            return name;
        }

        var a = Asyncio.CreateTask(Work("a", 0.005));
        var b = Asyncio.CreateTask(Work("b", 0));
        await foreach (var task in Asyncio.AsCompleted<string>([a, b, a, b]))
            trace.Line("got", await task);
        await foreach (var task in Asyncio.AsCompleted<string>([a]))
            trace.Line("again", await task);
        await foreach (var task in Asyncio.AsCompleted(Array.Empty<AsyncioTask<string>>()))
            trace.Line("never");
        trace.Line("end");
    });

    [Fact]
    public void AsCompletedAbandoned() => Check("as_completed_abandoned", async trace =>
    {
        async Coroutine<string> Work(string name, double delay)
        {
            await Asyncio.Sleep(delay);
            trace.Line(name, "ends");
            return name;
        }

        AsyncioTask<string>[] tasks = [Asyncio.CreateTask(Work("a", 0.005)), Asyncio.CreateTask(Work("b", 0.010))];
        await foreach (var task in Asyncio.AsCompleted(tasks))
        {
            trace.Line("first:", await task);
            break;
        }
        trace.Line("left, b done:", tasks[1].IsCompleted);
        trace.Line("b was not stopped:", await tasks[1]);
    });
}
