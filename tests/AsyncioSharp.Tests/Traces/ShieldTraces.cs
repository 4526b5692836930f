using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class ShieldTraces : TraceTest
{
    [Fact]
    public void ShieldAwaiterCancelled() => Check("shield_awaiter_cancelled", async trace =>
    {
        async Coroutine<string> Inner()
        {
            try
            {
                await Asyncio.Sleep(0.005);
                trace.Line("inner ends");
                return "result";
            }
            catch (CanceledException)
            {
                trace.Line("never");
                throw;
            }
        }

        async Coroutine Outer(AsyncioTask<string> child)
        {
            try
            {
                trace.Line(await Asyncio.Shield(child));
            }
            catch (CanceledException e)
            {
                trace.Line("outer cancelled:", e.Message, "child done:", child.IsCompleted);
                throw;
            }
        }

        var child = Asyncio.CreateTask(Inner());
        var task = Asyncio.CreateTask(Outer(child));
        await Asyncio.Yield();
        task.Cancel("outside");
        await Asyncio.Wait([task]);
        trace.Line("task cancelled:", task.IsCanceled, "child requests:", child.CancelRequests);
        trace.Line(await child);
    });

    [Fact]
    public void ShieldInnerCancelled() => Check("shield_inner_cancelled", async trace =>
    {
        async Coroutine Inner() => await Asyncio.Sleep(1);

        var child = Asyncio.CreateTask(Inner());
        var shielded = Asyncio.Shield(child);
        await Asyncio.Yield();
        child.Cancel();
        try
        {
            await shielded;
        }
        catch (CanceledException)
        {
            trace.Line("cancelled, requests:", Asyncio.CurrentTask!.CancelRequests);
        }
        trace.Line("shielded:", shielded.IsCanceled, "child:", child.IsCanceled);
        await Asyncio.Yield();
        trace.Line("main goes on");
    });

    [Fact]
    public void ShieldDone() => Check("shield_done", async trace =>
    {
        async Coroutine<string> Work(string? failure)
        {
            await Asyncio.Yield();
            if (failure is not null)
                throw new FormatException(failure);
            return "result";
        }

        var task = Asyncio.CreateTask(Work(null));
        await task;
        var shielded = Asyncio.Shield(task);
        trace.Line("done at once:", shielded.IsCompleted);
        trace.Line(await shielded);
        foreach (var failure in (string?[])[null, "boom"])
        {
            try
            {
                trace.Line(await Asyncio.Shield(Work(failure)));
            }
            catch (FormatException e)
            {
                trace.Line("value error:", e.Message);
            }
        }
        var future = EventLoop.Running.CreateFuture<string>();
        shielded = Asyncio.Shield(future);
        trace.Line("cancel:", shielded.Cancel(), "future cancelled:", future.IsCanceled);
        future.SetResult("unseen");
        await Asyncio.Yield();
        trace.Line("shielded cancelled:", shielded.IsCanceled);
    });

    [Fact]
    public void ShieldInWaitFor() => Check("shield_in_wait_for", async trace =>
    {
        async Coroutine<string> Work()
        {
            try
            {
                await Asyncio.Sleep(0.010);
                trace.Line("work ends");
                return "result";
            }
            finally
            {
                trace.Line("work finally");
            }
        }

        var task = Asyncio.CreateTask(Work());
        try
        {
            await Asyncio.WaitFor(Asyncio.Shield(task), 0.005);
        }
        catch (TimeoutException)
        {
            trace.Line("timeout, task done:", task.IsCompleted);
        }
        trace.Line(await task);
    });

    [Fact]
    public void ShieldIterations() => Check("shield_iterations", async trace =>
    {
        async Coroutine<string> Work()
        {
            trace.Line("work runs");
            return "result";
        }

        var loop = EventLoop.Running;

        void Tick(int n)
        {
            trace.Line("tick", n);
            if (n < 4)
                loop.CallSoon(() => Tick(n + 1));
        }

        loop.CallSoon(() => Tick(1));
        var shielded = Asyncio.Shield(Work());
        shielded.AddDoneCallback(_ => trace.Line("callback"));
        trace.Line(await shielded);
        await Asyncio.Yield();
        trace.Line("end");
    });
}
