using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class StaggeredRaceTraces : TraceTest
{
    [Fact]
    public void StaggeredRace() => Check("staggered_race", async trace =>
    {
        Func<Coroutine<string>> Attempt(string name, double delay, bool fails = false) => async () =>
        {
            trace.Line(name, "starts");
            try
            {
                await (delay == 0 ? Asyncio.Yield() : Asyncio.Sleep(delay));
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
                throw;
            }
            if (fails)
            {
                trace.Line(name, "fails");
                throw new FormatException(name);
            }
            trace.Line(name, "succeeds");
            return name;
        };

        async Coroutine Tick(string name, int count)
        {
            for (var i = 0; i < count; i++)
            {
                trace.Line(name, i);
                await Asyncio.Yield();
            }
        }

        async Coroutine Show(double? delay, params Func<Coroutine<string>>[] attempts)
        {
            var ticks = Asyncio.CreateTask(Tick("tick", 8));
            var (winner, index, errors) = await LowLevel.StaggeredRace.RunAsync(
                attempts, delay is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
            trace.Line("winner:", winner, index);
            foreach (var error in errors)
            {
                if (error is null)
                    trace.Line("-");
                else if (error is CanceledException)
                    trace.Line("too slow");
                else
                    trace.Line("failed:", error.Message);
            }
            await ticks;
        }

        await Show(0.1, Attempt("a", 1), Attempt("b", 0.25), Attempt("c", 0.5), Attempt("d", 0));
        await Show(1, Attempt("a", 0.1, true), Attempt("b", 0.1, true));
        await Show(null, Attempt("a", 0, true), Attempt("b", 0), Attempt("c", 0));
        await Show(0, Attempt("a", 0.3), Attempt("b", 0.2), Attempt("c", 0.1, true));
        var task = Asyncio.CreateTask(Show(0.1, Attempt("a", 1), Attempt("b", 1)));
        await Asyncio.Sleep(0.15);
        task.Cancel();
        try
        {
            await task;
        }
        catch (CanceledException)
        {
            trace.Line("race cancelled");
        }
    });
}
