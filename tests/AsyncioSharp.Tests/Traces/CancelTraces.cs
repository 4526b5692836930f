using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class CancelTraces : TraceTest
{
    [Fact]
    public void CancelBeforeFirstStep() => Check("cancel_before_first_step", async trace =>
    {
        async Coroutine Work()
        {
            try
            {
                trace.Line("never");
                await Asyncio.Yield();
            }
            finally
            {
                trace.Line("never either");
            }
        }

        var loop = EventLoop.Running;
        var task = Asyncio.CreateTask(Work());
        task.AddDoneCallback(t => trace.Line("callback, cancelled:", t.IsCanceled));
        trace.Line("cancel:", task.Cancel());
        trace.Line("done:", task.IsCompleted, "requests:", task.CancelRequests);
        loop.CallSoon(() => trace.Line("soon"));
        try
        {
            await task;
        }
        catch (CanceledException)
        {
            trace.Line("cancelled");
        }
        trace.Line("cancel again:", task.Cancel(), "requests:", task.CancelRequests);
    });

    [Fact]
    public void CancelWaitingOnFuture() => Check("cancel_waiting_on_future", async trace =>
    {
        async Coroutine Work(Future<int> future)
        {
            try
            {
                trace.Line("waits");
                await future;
            }
            catch (CanceledException)
            {
                trace.Line("cancelled, future cancelled:", future.IsCanceled);
                throw;
            }
            finally
            {
                trace.Line("finally");
            }
        }

        var future = EventLoop.Running.CreateFuture<int>();
        future.AddDoneCallback(_ => trace.Line("future callback"));
        var task = Asyncio.CreateTask(Work(future));
        task.AddDoneCallback(_ => trace.Line("task callback"));
        await Asyncio.Yield();
        task.Cancel();
        trace.Line("at once: future cancelled", future.IsCanceled, "task done", task.IsCompleted);
        await Asyncio.Yield();
        trace.Line("next: task done", task.IsCompleted);
        await Asyncio.Yield();
        trace.Line("task cancelled", task.IsCanceled);
    });

    [Fact]
    public void CancelSharedFuture() => Check("cancel_shared_future", async trace =>
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
        AsyncioTask[] tasks = [.. "abc".Select(name => Asyncio.CreateTask(Waiter($"{name}", future)))];
        await Asyncio.Yield();
        tasks[1].Cancel("only b was meant");
        trace.Line(["requests:", .. tasks.Select(task => task.CancelRequests)]);
        await Asyncio.Yield();
        trace.Line(["cancelled:", .. tasks.Select(task => task.IsCanceled)]);
    });

    [Fact]
    public void CancelAfterSetResult() => Check("cancel_after_set_result", async trace =>
    {
        async Coroutine Work(Future<string> future)
        {
            try
            {
                trace.Line("got", await future);
            }
            catch (CanceledException)
            {
                trace.Line("cancelled, the future has", future.Result);
                throw;
            }
        }

        var loop = EventLoop.Running;
        foreach (var order in (string[])["set, cancel", "cancel, set"])
        {
            var future = loop.CreateFuture<string>();
            var task = Asyncio.CreateTask(Work(future));
            await Asyncio.Yield();
            trace.Line(order);
            if (order == "set, cancel")
            {
                future.SetResult("result");
                trace.Line("cancel:", task.Cancel());
            }
            else
            {
                loop.CallSoon(() => task.Cancel());
                future.SetResult("result");
            }
            await Asyncio.Yield();
            await Asyncio.Yield();
            trace.Line("done:", task.IsCompleted, "cancelled:", task.IsCanceled);
        }
    });

    [Fact]
    public void CancelDuringYield() => Check("cancel_during_yield", async trace =>
    {
        async Coroutine Work(string name)
        {
            try
            {
                for (var n = 0; n < 3; n++)
                {
                    trace.Line(name, n);
                    await Asyncio.Yield();
                }
            }
            finally
            {
                trace.Line(name, "finally");
            }
        }

        var a = Asyncio.CreateTask(Work("a"));
        var b = Asyncio.CreateTask(Work("b"));
        await Asyncio.Yield();
        trace.Line("cancel a");
        a.Cancel();
        await Asyncio.Yield();
        trace.Line("a done:", a.IsCompleted);
        await b;
        trace.Line("a cancelled:", a.IsCanceled, "b cancelled:", b.IsCanceled);
    });

    [Fact]
    public void CancelManyInOrder() => Check("cancel_many_in_order", async trace =>
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

        var loop = EventLoop.Running;
        string[] names = ["a", "b", "c", "d"];
        AsyncioTask[] tasks = [.. names.Select(name => Asyncio.CreateTask(Work(name)))];
        foreach (var (task, name) in tasks.Zip(names))
            task.AddDoneCallback(_ => trace.Line(name, "callback"));
        await Asyncio.Yield();
        foreach (var n in (int[])[2, 0, 3])
            tasks[n].Cancel();
        loop.CallSoon(() => trace.Line("soon"));
        tasks[1].Cancel();
        await Asyncio.Yield();
        trace.Line("main after one iteration");
        await Asyncio.Yield();
        trace.Line("main after two iterations");
    });

    [Fact]
    public void CancelMain() => CheckByHand("cancel_main", trace =>
    {
        async Coroutine Child()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                trace.Line("child cancelled by the end of the run");
                throw;
            }
        }

        async Coroutine Main()
        {
            _ = Asyncio.CreateTask(Child());
            await Asyncio.Yield();
            var task = Asyncio.CurrentTask!;
            EventLoop.Running.CallSoon(() => task.Cancel("from a callback"));
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line("main finally");
            }
        }

        try
        {
            Asyncio.Run(Main(), Options);
        }
        catch (CanceledException)
        {
            trace.Line("run: cancelled");
        }
    });
}
