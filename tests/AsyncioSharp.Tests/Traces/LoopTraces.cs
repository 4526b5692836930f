using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class LoopTraces : TraceTest
{
    [Fact]
    public void StopBeforeRun() => CheckByHand("stop_before_run", trace =>
    {
        var loop = new VirtualEventLoop();

        void Callback()
        {
            trace.Line("callback");
            loop.CallSoon(() => trace.Line("queued by callback"));
        }

        loop.CallSoon(Callback);
        loop.CallSoon(() => trace.Line("second"));
        loop.Stop();
        trace.Line("running:", loop.IsRunning);
        loop.RunForever();
        trace.Line("one iteration");
        loop.Stop();
        loop.RunForever();
        trace.Line("another iteration");
        loop.Stop();
        loop.RunForever();
        trace.Line("an empty iteration");
        loop.Close();
        trace.Line("closed:", loop.IsClosed);
    });

    [Fact]
    public void StopInCallback() => CheckByHand("stop_in_callback", trace =>
    {
        using var loop = new VirtualEventLoop();

        void Stopper()
        {
            trace.Line("stopper, running:", loop.IsRunning);
            loop.Stop();
            loop.CallSoon(() => trace.Line("queued by stopper"));
            trace.Line("still in stopper");
        }

        loop.CallSoon(() => trace.Line("before"));
        loop.CallSoon(Stopper);
        loop.CallSoon(() => trace.Line("after"));
        loop.RunForever();
        trace.Line("stopped, running:", loop.IsRunning);
        loop.CallSoon(loop.Stop);
        loop.CallSoon(() => trace.Line("last"));
        loop.RunForever();
        trace.Line("stopped again");
    });

    [Fact]
    public void StopLeavesTasks() => CheckByHand("stop_leaves_tasks", trace =>
    {
        using var loop = new VirtualEventLoop();

        async Coroutine<string> Worker()
        {
            for (var n = 0; n < 4; n++)
            {
                trace.Line("step", n);
                await Asyncio.Yield();
            }
            return "result";
        }

        var task = loop.CreateTask(Worker());
        loop.CallSoon(loop.Stop);
        loop.RunForever();
        trace.Line("stopped, done:", task.IsCompleted);
        loop.Stop();
        loop.RunForever();
        trace.Line("stopped, done:", task.IsCompleted);
        trace.Line(loop.RunUntilComplete(task));
        trace.Line("done:", task.IsCompleted);
    });

    [Fact]
    public void RunUntilCompleteStopped() => CheckByHand("run_until_complete_stopped", trace =>
    {
        using var loop = new VirtualEventLoop();

        async Coroutine Waits()
        {
            try
            {
                await loop.CreateFuture<bool>();
            }
            finally
            {
                trace.Line("waits ends");
            }
        }

        var task = loop.CreateTask(Waits());
        loop.CallSoon(loop.Stop);
        try
        {
            loop.RunUntilComplete(task);
        }
        catch (InvalidOperationException)
        {
            trace.Line("runtime error: stopped early");
        }
        trace.Line("done:", task.IsCompleted);
        task.Cancel();
        try
        {
            loop.RunUntilComplete(task);
        }
        catch (CanceledException)
        {
            trace.Line("cancelled");
        }
    });

    [Fact]
    public void RunUntilCompleteOutcomes() => CheckByHand("run_until_complete_outcomes", trace =>
    {
        using var loop = new VirtualEventLoop();

        async Coroutine<string> Returns()
        {
            await Asyncio.Yield();
            return "value";
        }

        async Coroutine Fails()
        {
            await Asyncio.Yield();
            throw new FormatException("boom");
        }

        trace.Line(loop.RunUntilComplete(Returns()));
        try
        {
            loop.RunUntilComplete(Fails());
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message);
        }
        var future = loop.CreateFuture<string>();
        future.SetResult("already set");
        trace.Line(loop.RunUntilComplete(future));
        loop.CallSoon(() => trace.Line("queued before"));
        trace.Line(loop.RunUntilComplete(Returns()));
        trace.Line("running:", loop.IsRunning);
    });

    [Fact]
    public void NestedRun() => Check("nested_run", async trace =>
    {
        async Coroutine Other() => trace.Line("never");

        void Attempt(string name, Action function)
        {
            try
            {
                function();
                trace.Line(name, "works");
            }
            catch (InvalidOperationException)
            {
                trace.Line(name, "runtime error");
            }
        }

        var loop = EventLoop.Running;
        Attempt("run", () => Asyncio.Run(Other(), Options));
        Attempt("run_until_complete", () => loop.RunUntilComplete(loop.CreateFuture<bool>()));
        Attempt("close", loop.Close);
        var second = new VirtualEventLoop();
        Attempt("run_until_complete of another loop", () => second.RunUntilComplete(second.CreateFuture<bool>()));
        Attempt("close of another loop", second.Close);
        await Asyncio.Yield();
        trace.Line("main goes on");
    });

    [Fact]
    public void ClosedLoop() => CheckByHand("closed_loop", trace =>
    {
        var loop = new VirtualEventLoop();

        void Attempt(string name, Action function)
        {
            try
            {
                function();
                trace.Line(name, "works");
            }
            catch (InvalidOperationException)
            {
                trace.Line(name, "runtime error");
            }
        }

        void Never() => trace.Line("never");

        loop.CallSoon(Never);
        loop.CallLater(TimeSpan.Zero, Never);
        loop.Close();
        trace.Line("closed:", loop.IsClosed);
        Attempt("close", loop.Close);
        Attempt("call_soon", () => loop.CallSoon(Never));
        Attempt("call_later", () => loop.CallLater(TimeSpan.FromSeconds(1), Never));
        Attempt("call_soon_threadsafe", () => loop.CallSoonThreadsafe(Never));
        Attempt("run_forever", loop.RunForever);
    });

    [Fact]
    public void NoRunningLoop() => CheckByHand("no_running_loop", trace =>
    {
        async Coroutine Work() => trace.Line("never");

        async Coroutine Main() => trace.Line("inside:", EventLoop.Running.IsRunning);

        void Attempt(string name, Action function)
        {
            try
            {
                function();
                trace.Line(name, "works");
            }
            catch (InvalidOperationException)
            {
                trace.Line(name, "runtime error");
            }
        }

        Attempt("get_running_loop", () => _ = EventLoop.Running);
        Attempt("create_task", () => Asyncio.CreateTask(Work()));
        Asyncio.Run(Main(), Options);
        Attempt("get_running_loop", () => _ = EventLoop.Running);
    });
}
