using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class CallbackTraces : TraceTest
{
    [Fact]
    public void CallSoonOrder() => Check("call_soon_order", async trace =>
    {
        var loop = EventLoop.Running;

        void First()
        {
            trace.Line("first");
            loop.CallSoon(() => trace.Line("queued by first"));
        }

        void Second()
        {
            trace.Line("second");
            loop.CallSoon(() => trace.Line("queued by second"));
        }

        loop.CallSoon(First);
        loop.CallSoon(Second);
        loop.CallSoon(() => trace.Line("third"));
        trace.Line("main yields");
        await Asyncio.Yield();
        trace.Line("main after one iteration");
        await Asyncio.Yield();
        trace.Line("main after two iterations");
    });

    [Fact]
    public void CallSoonChains() => Check("call_soon_chains", async trace =>
    {
        var loop = EventLoop.Running;
        var finished = loop.CreateFuture<bool>();

        void Step(string name, int n)
        {
            trace.Line(name, n);
            if (n < 3)
            {
                loop.CallSoon(() => Step(name, n + 1));
            }
            else if (name == "c")
            {
                finished.SetResult(true);
                trace.Line("finished is set");
            }
        }

        foreach (var name in (string[])["a", "b", "c"])
            loop.CallSoon(() => Step(name, 1));
        await finished;
        trace.Line("main goes on");
    });

    [Fact]
    public void CallSoonThreadsafeOrder() => Check("call_soon_threadsafe_order", async trace =>
    {
        var loop = EventLoop.Running;

        void Threadsafe()
        {
            trace.Line("threadsafe");
            loop.CallSoonThreadsafe(() => trace.Line("threadsafe, queued by threadsafe"));
            loop.CallSoon(() => trace.Line("soon, queued by threadsafe"));
        }

        loop.CallSoon(() => trace.Line("soon 1"));
        loop.CallSoonThreadsafe(Threadsafe);
        loop.CallSoon(() => trace.Line("soon 2"));
        await Asyncio.Yield();
        trace.Line("main after one iteration");
        await Asyncio.Yield();
        trace.Line("main after two iterations");
    });

    [Fact]
    public void CallSoonCancelled() => Check("call_soon_cancelled", async trace =>
    {
        var loop = EventLoop.Running;
        Handle third = default;

        void First()
        {
            trace.Line("first");
            third.Cancel();
        }

        loop.CallSoon(First);
        var second = loop.CallSoon(() => trace.Line("second"));
        third = loop.CallSoon(() => trace.Line("third"));
        var fourth = loop.CallSoon(() => trace.Line("fourth"));
        second.Cancel();
        trace.Line("second cancelled:", second.IsCanceled);
        trace.Line("third cancelled:", third.IsCanceled);
        await Asyncio.Yield();
        trace.Line("third cancelled:", third.IsCanceled);
        trace.Line("fourth cancelled:", fourth.IsCanceled);
    });

    [Fact]
    public void CallbacksAndTasksInterleave() => Check("callbacks_and_tasks_interleave", async trace =>
    {
        async Coroutine Worker(string name)
        {
            for (var n = 0; n < 3; n++)
            {
                trace.Line(name, n);
                await Asyncio.Yield();
            }
            trace.Line(name, "ends");
        }

        var loop = EventLoop.Running;
        var future = loop.CreateFuture<bool>();
        future.AddDoneCallback(_ => trace.Line("future callback"));
        loop.CallSoon(() => trace.Line("callback 1"));
        var a = Asyncio.CreateTask(Worker("a"));
        loop.CallSoon(() => future.SetResult(true));
        var b = Asyncio.CreateTask(Worker("b"));
        loop.CallSoon(() => trace.Line("callback 2"));
        a.AddDoneCallback(_ => trace.Line("a callback"));
        await b;
        trace.Line("main: b ended, a done:", a.IsCompleted);
    });

    [Fact]
    public void CallbackFailureGoesOn() => Check("callback_failure_goes_on", async trace =>
    {
        var loop = EventLoop.Running;
        loop.ExceptionHandler = (_, context) => trace.Line("handler:", context.Exception?.Message);

        void Fail(string text)
        {
            trace.Line("about to fail");
            throw new FormatException(text);
        }

        loop.CallSoon(() => Fail("one"));
        loop.CallSoon(() => trace.Line("between"));
        loop.CallLater(TimeSpan.FromMilliseconds(5), () => Fail("two"));
        var future = loop.CreateFuture<bool>();
        future.AddDoneCallback(_ => Fail("three"));
        future.AddDoneCallback(_ => trace.Line("second done callback"));
        future.SetResult(true);
        await Asyncio.Sleep(0.010);
        trace.Line("main goes on");
    });

    [Fact]
    public void HandlerOfFailures() => Check("handler_of_failures", async trace =>
    {
        var loop = EventLoop.Running;
        loop.ExceptionHandler = (loop, context) => trace.Line("handler:", context.Exception?.Message, "running:", loop.IsRunning);

        void Fail(string text) => throw new FormatException(text);

        async Coroutine Short() => await Asyncio.Yield();

        loop.CallSoon(() => Fail("in call_soon"));
        loop.CallSoonThreadsafe(() => Fail("in call_soon_threadsafe"));
        loop.CallLater(TimeSpan.FromMilliseconds(5), () => Fail("in call_later"));
        var task = Asyncio.CreateTask(Short());
        task.AddDoneCallback(_ => Fail("in a done callback"));
        await task;
        await Asyncio.Sleep(0.010);
        loop.CallExceptionHandler(new ExceptionContext("by hand") { Exception = new FormatException("by hand") });
        loop.ExceptionHandler = null;
        trace.Line("handler removed:", loop.ExceptionHandler is null);
    });

    [Fact]
    public void HandlerAtShutdown() => CheckByHand("handler_at_shutdown", trace =>
    {
        async Coroutine Leftover()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                trace.Line("leftover cancelled");
                await Asyncio.Yield();
                throw new FormatException("from the cleanup");
            }
        }

        async Coroutine<string> Main()
        {
            EventLoop.Running.ExceptionHandler = (_, context) => trace.Line("handler:", context.Exception?.Message);
            var task = Asyncio.CreateTask(Leftover());
            await Asyncio.Yield();
            trace.Line("main ends, leftover done:", task.IsCompleted);
            return "result";
        }

        trace.Line("run:", Asyncio.Run(Main(), Options));
    });

    [Fact]
    public void HandlerNeverRetrieved() => CheckByHand("handler_never_retrieved", trace =>
    {
        var loop = new VirtualEventLoop();
        var tasks = new List<AsyncioTask>();

        async Coroutine Fails(string text) => throw new FormatException(text);

        async Coroutine Main()
        {
            loop.ExceptionHandler = (_, context) => trace.Line("handler:", context.Exception?.Message);
            tasks.Add(Asyncio.CreateTask(Fails("forgotten")));
            tasks.Add(Asyncio.CreateTask(Fails("retrieved")));
            await Asyncio.Wait(tasks);
            trace.Line("retrieved:", tasks[1].Exception?.Message);
            trace.Line("main ends");
        }

        loop.RunUntilComplete(Main());
        trace.Line("closing");
        loop.Close();
        tasks.Clear();
        trace.Line("closed");
    });
}
