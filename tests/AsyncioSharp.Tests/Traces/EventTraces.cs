namespace AsyncioSharp.Tests.Traces;

public class EventTraces : TraceTest
{
    [Fact]
    public void EventWakesInOrder() => Check("event_wakes_in_order", async trace =>
    {
        async Coroutine Waiter(string name, AsyncEvent signal, bool again)
        {
            await signal.WaitAsync();
            trace.Line(name, "woken, set:", signal.IsSet);
            if (again)
            {
                signal.Clear();
                await signal.WaitAsync();
                trace.Line(name, "woken again");
            }
        }

        var signal = new AsyncEvent();
        AsyncioTask[] tasks = [.. "abc".Select(name => Asyncio.CreateTask(Waiter($"{name}", signal, name == 'b')))];
        await Asyncio.Yield();
        var late = Asyncio.CreateTask(Waiter("late", signal, false));
        signal.Set();
        signal.Set();
        trace.Line("set");
        await Asyncio.Yield();
        trace.Line("turn, late done:", late.IsCompleted);
        trace.Line("set:", signal.IsSet);
        signal.Set();
        await signal.WaitAsync();
        trace.Line("main need not wait");
        await Asyncio.Wait([.. tasks, late]);
        trace.Line("end");
    });

    [Fact]
    public void EventPulse() => Check("event_pulse", async trace =>
    {
        async Coroutine Waiter(string name, AsyncEvent signal)
        {
            for (var n = 0; n < 2; n++)
            {
                await signal.WaitAsync();
                trace.Line(name, "woken", n, "set:", signal.IsSet);
                await Asyncio.Yield();
            }
        }

        var signal = new AsyncEvent();
        AsyncioTask[] tasks = [.. "ab".Select(name => Asyncio.CreateTask(Waiter($"{name}", signal)))];
        await Asyncio.Yield();
        for (var n = 0; n < 3; n++)
        {
            signal.Set();
            signal.Clear();
            trace.Line("pulse", n);
            await Asyncio.Yield();
        }
        await Asyncio.Sleep(1);
        trace.Line(tasks.Count(task => task.IsCompleted), "done");
        signal.Set();
        await Asyncio.Wait(tasks);
        trace.Line("end");
    });

    [Fact]
    public void EventCancelledWaiters() => Check("event_cancelled_waiters", async trace =>
    {
        async Coroutine Waiter(char name, AsyncEvent signal)
        {
            try
            {
                await signal.WaitAsync();
                trace.Line(name, "woken");
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled, set:", signal.IsSet);
                throw;
            }
        }

        var signal = new AsyncEvent();
        AsyncioTask[] tasks = [.. "abcd".Select(name => Asyncio.CreateTask(Waiter(name, signal)))];
        await Asyncio.Yield();
        tasks[0].Cancel();
        signal.Set();
        tasks[1].Cancel();
        trace.Line("a cancelled, set, b cancelled");
        await Asyncio.Yield();
        trace.Line("turn");
        tasks[3].Cancel();
        await Asyncio.Wait(tasks);
        trace.Line(["cancelled:", .. tasks.Select(task => (object)task.IsCanceled)]);
        try
        {
            signal.Clear();
            await Asyncio.Timeout(1, async _ => await signal.WaitAsync());
        }
        catch (TimeoutException)
        {
            trace.Line("nobody sets it");
        }
    });
}
