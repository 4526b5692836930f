using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class TimerTraces : TraceTest
{
    private static TimeSpan Milliseconds(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    [Fact]
    public void CallLaterOrder() => Check("call_later_order", async trace =>
    {
        var loop = EventLoop.Running;
        loop.CallLater(Milliseconds(15), () => trace.Line("15 ms"));
        loop.CallLater(Milliseconds(5), () => trace.Line("5 ms"));
        var cancelled = loop.CallLater(Milliseconds(10), () => trace.Line("10 ms"));
        loop.CallLater(Milliseconds(-1000), () => trace.Line("in the past"));
        loop.CallSoon(() => trace.Line("soon"));
        cancelled.Cancel();
        trace.Line("timer cancelled:", cancelled.IsCanceled);
        await Asyncio.Sleep(0.025);
        trace.Line("25 ms");
    });

    [Fact]
    public void CallLaterZero() => Check("call_later_zero", async trace =>
    {
        var loop = EventLoop.Running;

        void Timer()
        {
            trace.Line("timer");
            loop.CallSoon(() => trace.Line("soon, queued by timer"));
        }

        void Soon()
        {
            trace.Line("soon 2");
            loop.CallSoon(() => trace.Line("soon 4"));
        }

        loop.CallLater(TimeSpan.Zero, Timer);
        loop.CallSoon(() => trace.Line("soon 1"));
        loop.CallSoon(Soon);
        loop.CallSoon(() => trace.Line("soon 3"));
        await Asyncio.Yield();
        trace.Line("main after one iteration");
        await Asyncio.Yield();
        trace.Line("main after two iterations");
        await Asyncio.Yield();
        trace.Line("main after three iterations");
    });

    [Fact]
    public void CallAtOrder() => Check("call_at_order", async trace =>
    {
        var loop = EventLoop.Running;
        var finished = loop.CreateFuture<string>();
        var start = loop.Time;
        var later = loop.CallAt(start + Milliseconds(10), () => finished.SetResult("later"));
        var sooner = loop.CallAt(start + Milliseconds(5), () => trace.Line("sooner"));
        loop.CallAt(start - Milliseconds(1000), () => trace.Line("past"));
        trace.Line("when kept:", later.When == start + Milliseconds(10));
        trace.Line("sooner before later:", sooner.When < later.When);
        trace.Line(await finished);
        trace.Line("in time:", loop.Time >= start + Milliseconds(10));
    });

    [Fact]
    public void TimerCancelledByTimer() => Check("timer_cancelled_by_timer", async trace =>
    {
        var loop = EventLoop.Running;
        var finished = loop.CreateFuture<string>();
        var timers = new List<TimerHandle>();

        void First()
        {
            trace.Line("first");
            timers[1].Cancel();
            timers.Add(loop.CallLater(Milliseconds(5), Second));
        }

        void Second()
        {
            trace.Line("second");
            timers.Add(loop.CallLater(Milliseconds(5), () => finished.SetResult("third")));
        }

        timers.Add(loop.CallLater(Milliseconds(5), First));
        timers.Add(loop.CallLater(Milliseconds(10), () => trace.Line("never")));
        trace.Line(await finished);
        trace.Line(["cancelled:", .. timers.Select(timer => timer.IsCanceled)]);
    });

    [Fact]
    public void SleepOrder() => Check("sleep_order", async trace =>
    {
        async Coroutine<string> Sleeper(string name, int delay)
        {
            var result = await Asyncio.Sleep(Milliseconds(delay), name + " result");
            trace.Line(name);
            return result;
        }

        (string Name, int Delay)[] delays = [("a", 15), ("b", 5), ("c", 10), ("d", 0), ("e", -1000)];
        var tasks = delays.Select(sleeper => Asyncio.CreateTask(Sleeper(sleeper.Name, sleeper.Delay))).ToArray();
        trace.Line("created");
        await Asyncio.Yield();
        trace.Line("all sleep");
        foreach (var task in tasks)
            trace.Line(await task);
    });
}
