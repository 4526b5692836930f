using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

/// <summary><c>contextvars</c> and <see cref="AsyncLocal{T}"/>.</summary>
public class ContextTraces : TraceTest
{
    [Fact]
    public void ContextCopiedAtCreation() => CheckByHand("context_copied_at_creation", trace =>
    {
        var variable = new AsyncLocal<string?>();

        string Value() => variable.Value ?? "default";

        async Coroutine Child(string name)
        {
            trace.Line(name, "sees", Value());
            variable.Value = name;
            await Asyncio.Yield();
            trace.Line(name, "still sees", Value());
        }

        async Coroutine Main()
        {
            var before = Asyncio.CreateTask(Child("before"));
            variable.Value = "main";
            var after = Asyncio.CreateTask(Child("after"));
            variable.Value = "main, later";
            await before;
            await after;
            trace.Line("main sees", Value());
        }

        Asyncio.Run(Main(), Options);
        trace.Line("outside", Value());
    });

    [Fact]
    public void ContextCalleeWrites() => Check("context_callee_writes", async trace =>
    {
        var variable = new AsyncLocal<string?>();

        string Value() => variable.Value ?? "default";

        async Coroutine SetsAtOnce() => variable.Value = "set at once";

        async Coroutine SetsLater()
        {
            trace.Line("callee sees", Value());
            await Asyncio.Yield();
            variable.Value = "set later";
            await Asyncio.Yield();
        }

        async Coroutine Nested()
        {
            await SetsLater();
            trace.Line("nested sees", Value());
        }

        await SetsAtOnce();
        trace.Line("main sees", Value());
        await Nested();
        trace.Line("main sees", Value());
        await Asyncio.CreateTask(SetsAtOnce());
        trace.Line("main still sees", Value());
    });

    [Fact]
    public void ContextOfCallbacks() => Check("context_of_callbacks", async trace =>
    {
        var variable = new AsyncLocal<string?>();

        void Show(string place)
        {
            trace.Line(place, "sees", variable.Value ?? "default");
            variable.Value = place;
        }

        var loop = EventLoop.Running;
        var future = loop.CreateFuture<bool>();
        variable.Value = "one";
        loop.CallSoon(() => Show("soon"));
        loop.CallLater(TimeSpan.FromMilliseconds(5), () => Show("timer"));
        future.AddDoneCallback(_ => Show("done callback"));
        variable.Value = "two";
        loop.CallSoon(() => Show("second soon"));
        future.SetResult(true);
        variable.Value = "three";
        await Asyncio.Sleep(0.010);
        trace.Line("main sees", variable.Value);
    });

    [Fact]
    public void ContextGiven() => Check("context_given", async trace =>
    {
        var variable = new AsyncLocal<string?>();

        void Show(string place) => trace.Line(place, "sees", variable.Value ?? "default");

        async Coroutine Child()
        {
            Show("child");
            await Asyncio.Yield();
            Show("child later");
        }

        var loop = EventLoop.Running;
        variable.Value = "captured";
        var context = ExecutionContext.Capture();
        variable.Value = "current";
        var task = Asyncio.CreateTask(Child(), context: context);
        loop.CallSoon(() => Show("soon"), context);
        loop.CallLater(TimeSpan.FromMilliseconds(5), () => Show("timer"), context);
        task.AddDoneCallback(_ => Show("done callback"), context);
        task.AddDoneCallback(_ => Show("own done callback"));
        await task;
        await Asyncio.Sleep(0.010);
        Show("main");
    });

    [Fact]
    public void ContextPerTask() => Check("context_per_task", async trace =>
    {
        var request = new AsyncLocal<string?>();

        async Coroutine Log(string text)
        {
            await Asyncio.Yield();
            trace.Line(request.Value ?? "none", text);
        }

        async Coroutine Handle(string name)
        {
            request.Value = name;
            await Log("starts");
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(Log("from a child"));
                await Log("from the body");
            });
            await Asyncio.Gather([Log("gathered 1"), Log("gathered 2")]);
            await Asyncio.WaitFor(Log("waited for"), 1);
        }

        await Asyncio.Gather([Handle("a"), Handle("b")]);
        await Log("ends");
    });

    [Fact]
    public void ContextInGenerator() => Check("context_in_generator", async trace =>
    {
        var variable = new AsyncLocal<string?>();

        async IAsyncEnumerable<int> Numbers()
        {
            for (var n = 0; n < 2; n++)
            {
                trace.Line("generator sees", variable.Value);
                await Asyncio.Yield();
                yield return n;
            }
        }

        variable.Value = "main";
        await foreach (var n in Numbers())
        {
            trace.Line("got", n, "sees", variable.Value);
            variable.Value = $"main after {n}";
        }
        trace.Line("main sees", variable.Value);
    });
}
