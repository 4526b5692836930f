namespace AsyncioSharp.Tests.Traces;

public class BarrierTraces : TraceTest
{
    [Fact]
    public void BarrierRounds() => Check("barrier_rounds", async trace =>
    {
        async Coroutine Worker(char name, AsyncBarrier barrier)
        {
            for (var n = 0; n < 3; n++)
            {
                var index = await barrier.WaitAsync();
                trace.Line(name, "round", n, "index", index, "waiting:", barrier.WaitingCount);
            }
        }

        var barrier = new AsyncBarrier(3);
        await TaskGroup.RunAsync(async group =>
        {
            foreach (var name in "abc")
                group.StartSoon(Worker(name, barrier));
        });
        trace.Line("parties:", barrier.ParticipantCount, "waiting:", barrier.WaitingCount, "broken:", barrier.IsBroken);
    });

    [Fact]
    public void BarrierCancelled() => Check("barrier_cancelled", async trace =>
    {
        async Coroutine Worker(string name, AsyncBarrier barrier)
        {
            try
            {
                trace.Line(name, "passed as", await barrier.WaitAsync());
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled, waiting:", barrier.WaitingCount);
                throw;
            }
        }

        var barrier = new AsyncBarrier(3);
        var (a, b) = (Start("a"), Start("b"));
        await Asyncio.Yield();
        a.Cancel();
        trace.Line("a cancelled, waiting:", barrier.WaitingCount);
        await Asyncio.Yield();
        trace.Line("waiting:", barrier.WaitingCount);
        var (c, d, e) = (Start("c"), Start("d"), Start("e"));
        await Asyncio.Yield();
        c.Cancel();
        e.Cancel();
        trace.Line("c and e cancelled as they leave");
        for (var turn = 0; turn < 4; turn++)
        {
            await Asyncio.Yield();
            trace.Line("turn", turn, "waiting:", barrier.WaitingCount);
        }
        AsyncioTask[] tasks = [a, b, c, d, e];
        await Asyncio.Wait(tasks, TimeSpan.FromSeconds(1));
        trace.Line(["done:", .. tasks.Select(task => (object)task.IsCompleted)]);
        await Asyncio.Wait([Start("f"), Start("g"), Start("h")]);
        trace.Line("waiting:", barrier.WaitingCount);

        AsyncioTask Start(string name) => Asyncio.CreateTask(Worker(name, barrier));
    });

    [Fact]
    public void BarrierReset() => Check("barrier_reset", async trace =>
    {
        async Coroutine Worker(string name, AsyncBarrier barrier)
        {
            for (var n = 0; n < 2; n++)
            {
                try
                {
                    trace.Line(name, "passed as", await barrier.WaitAsync(), "in round", n);
                }
                catch (BrokenBarrierException)
                {
                    trace.Line(name, "broken in round", n);
                }
            }
        }

        var barrier = new AsyncBarrier(3);
        var (a, b) = (Start("a"), Start("b"));
        await Asyncio.Yield();
        trace.Line("waiting:", barrier.WaitingCount);
        await barrier.ResetAsync();
        trace.Line("reset, waiting:", barrier.WaitingCount, "broken:", barrier.IsBroken);
        var late = Start("late");
        await Asyncio.Sleep(1);
        trace.Line("waiting:", barrier.WaitingCount);
        var last = Start("last");
        await Asyncio.Yield();
        await barrier.ResetAsync();
        trace.Line("reset while it drains");
        await Asyncio.Sleep(1);
        trace.Line("waiting:", barrier.WaitingCount, "broken:", barrier.IsBroken);
        await barrier.AbortAsync();
        await Asyncio.Wait([a, b, late, last]);
        trace.Line("end");

        AsyncioTask Start(string name) => Asyncio.CreateTask(Worker(name, barrier));
    });

    [Fact]
    public void BarrierAbort() => Check("barrier_abort", async trace =>
    {
        async Coroutine Worker(string name, AsyncBarrier barrier)
        {
            try
            {
                trace.Line(name, "passed as", await barrier.WaitAsync());
            }
            catch (BrokenBarrierException)
            {
                trace.Line(name, "broken");
            }
        }

        var barrier = new AsyncBarrier(2);
        var a = Start("a");
        await Asyncio.Yield();
        await barrier.AbortAsync();
        trace.Line("aborted, broken:", barrier.IsBroken, "waiting:", barrier.WaitingCount);
        await Worker("main", barrier);
        await a;
        var b = Start("b");
        await barrier.ResetAsync();
        trace.Line("reset, broken:", barrier.IsBroken);
        await Worker("main", barrier);
        await b;
        var (c, d, e) = (Start("c"), Start("d"), Start("e"));
        await Asyncio.Yield();
        await barrier.AbortAsync();
        trace.Line("aborted while it drains");
        await Asyncio.Wait([c, d, e]);
        trace.Line("broken:", barrier.IsBroken);

        AsyncioTask Start(string name) => Asyncio.CreateTask(Worker(name, barrier));
    });
}
