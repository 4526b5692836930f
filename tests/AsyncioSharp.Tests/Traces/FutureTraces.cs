using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class FutureTraces : TraceTest
{
    [Fact]
    public void FutureCallbacksOrder() => Check("future_callbacks_order", async trace =>
    {
        var future = EventLoop.Running.CreateFuture<int>();
        foreach (var name in (string[])["first", "second", "third"])
            future.AddDoneCallback(_ => trace.Line(name));

        void AddsAnother(Future _)
        {
            trace.Line("adds another");
            future.AddDoneCallback(_ => trace.Line("added late"));
        }

        future.AddDoneCallback(AddsAnother);
        future.AddDoneCallback(f => trace.Line("result", ((Future<int>)f).Result));
        future.SetResult(7);
        trace.Line("set, callbacks wait");
        await Asyncio.Yield();
        trace.Line("main after one iteration");
        await Asyncio.Yield();
        trace.Line("main after two iterations");
    });

    [Fact]
    public void FutureCallbackRemoved() => Check("future_callback_removed", async trace =>
    {
        var future = EventLoop.Running.CreateFuture<bool>();
        Action<Future> twice = _ => trace.Line("twice");
        Action<Future> once = _ => trace.Line("once");
        future.AddDoneCallback(twice);
        future.AddDoneCallback(once);
        future.AddDoneCallback(twice);
        trace.Line("removed", future.RemoveDoneCallback(twice));
        trace.Line("removed", future.RemoveDoneCallback(twice));
        future.AddDoneCallback(twice);
        future.SetResult(true);
        trace.Line("removed after set", future.RemoveDoneCallback(once));
        await Asyncio.Yield();
        trace.Line("end");
    });

    [Fact]
    public void FutureWaitersOrder() => Check("future_waiters_order", async trace =>
    {
        async Coroutine Waiter(string name, Future<string> future)
        {
            trace.Line(name, "waits");
            trace.Line(name, "got", await future);
        }

        var loop = EventLoop.Running;
        var future = loop.CreateFuture<string>();
        var a = Asyncio.CreateTask(Waiter("a", future));
        var b = Asyncio.CreateTask(Waiter("b", future));
        await Asyncio.Yield();
        future.AddDoneCallback(_ => trace.Line("callback"));
        var c = Asyncio.CreateTask(Waiter("c", future));
        await Asyncio.Yield();
        loop.CallSoon(() => trace.Line("queued before set"));
        future.SetResult("value");
        loop.CallSoon(() => trace.Line("queued after set"));
        trace.Line("set");
        foreach (var task in (AsyncioTask[])[c, b, a])
            await task;
        trace.Line("end");
    });

    [Fact]
    public void FutureDoneDoesNotYield() => Check("future_done_does_not_yield", async trace =>
    {
        var loop = EventLoop.Running;
        var future = loop.CreateFuture<string>();
        future.SetResult("ready");
        loop.CallSoon(() => trace.Line("callback"));
        trace.Line(await future);
        trace.Line("again", await future);
        await Asyncio.Yield();
        var failed = loop.CreateFuture<string>();
        failed.SetException(new FormatException("boom"));
        loop.CallSoon(() => trace.Line("callback 2"));
        for (var n = 0; n < 2; n++)
        {
            try
            {
                await failed;
            }
            catch (FormatException e)
            {
                trace.Line("value error:", e.Message);
            }
        }
        await Asyncio.Yield();
        trace.Line("end");
    });

    [Fact]
    public void FutureStates() => Check("future_states", async trace =>
    {
        void Attempt(string name, Func<object?> function)
        {
            try
            {
                trace.Line(name, function());
            }
            catch (InvalidStateException)
            {
                trace.Line(name, "invalid state");
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
            }
            catch (FormatException e)
            {
                trace.Line(name, "value error:", e.Message);
            }
        }

        var loop = EventLoop.Running;
        var pending = loop.CreateFuture<int>();
        var done = loop.CreateFuture<int>();
        var failed = loop.CreateFuture<int>();
        var cancelled = loop.CreateFuture<int>();
        done.SetResult(1);
        failed.SetException(new FormatException("boom"));
        cancelled.Cancel();
        (string, Future<int>)[] futures = [("pending", pending), ("done", done), ("failed", failed), ("cancelled", cancelled)];
        foreach (var (name, future) in futures)
        {
            trace.Line(name, future.IsCompleted, future.IsCanceled);
            Attempt("  result", () => future.Result);
            if (!future.IsCanceled)
                Attempt("  exception", () => future.Exception?.Message);
        }
        foreach (var (name, future) in futures[1..])
        {
            Attempt(name + " set again", () =>
            {
                future.SetResult(2);
                return null;
            });
            trace.Line(name, "cancel", future.Cancel());
        }
        trace.Line("pending cancel", pending.Cancel(), pending.Cancel());
    });

    [Fact]
    public void FutureExceptionToAll() => Check("future_exception_to_all", async trace =>
    {
        async Coroutine<string> Waiter(string name, Future<int> future)
        {
            try
            {
                await future;
                return "never";
            }
            catch (FormatException e)
            {
                trace.Line(name, "value error:", e.Message);
                return name + " handled";
            }
            finally
            {
                trace.Line(name, "finally");
            }
        }

        var future = EventLoop.Running.CreateFuture<int>();
        AsyncioTask<string>[] tasks = [.. "abc".Select(name => Asyncio.CreateTask(Waiter($"{name}", future)))];
        await Asyncio.Yield();
        future.SetException(new FormatException("boom"));
        foreach (var task in tasks)
            trace.Line(await task);
        trace.Line("exception kept:", future.Exception?.Message);
    });

    [Fact]
    public void FutureCancelledByHand() => Check("future_cancelled_by_hand", async trace =>
    {
        async Coroutine Waiter(string name, Future<int> future)
        {
            try
            {
                await future;
            }
            catch (CanceledException e)
            {
                trace.Line(name, "cancelled:", e.Message);
                throw;
            }
        }

        var future = EventLoop.Running.CreateFuture<int>();
        var a = Asyncio.CreateTask(Waiter("a", future));
        var b = Asyncio.CreateTask(Waiter("b", future));
        future.AddDoneCallback(f => trace.Line("callback, cancelled:", f.IsCanceled));
        await Asyncio.Yield();
        trace.Line("cancel:", future.Cancel("by hand"));
        trace.Line("done at once:", future.IsCompleted, "task done:", a.IsCompleted);
        trace.Line("cancel again:", future.Cancel());
        await Asyncio.Yield();
        trace.Line("a cancelled:", a.IsCanceled, "b cancelled:", b.IsCanceled);
        trace.Line("requests:", a.CancelRequests, b.CancelRequests);
    });
}
