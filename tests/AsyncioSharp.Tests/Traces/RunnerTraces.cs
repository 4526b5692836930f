using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class RunnerTraces : TraceTest
{
    [Fact]
    public void RunOutcomes() => CheckByHand("run_outcomes", trace =>
    {
        async Coroutine<string> Returns()
        {
            await Asyncio.Yield();
            return "result";
        }

        async Coroutine<string> Fails()
        {
            await Asyncio.Yield();
            throw new FormatException("boom");
        }

        async Coroutine<string> Cancels()
        {
            Asyncio.CurrentTask!.Cancel();
            await Asyncio.Yield();
            return "never";
        }

        foreach (var main in (Func<Coroutine<string>>[])[Returns, Fails, Cancels])
        {
            try
            {
                trace.Line(Asyncio.Run(main(), Options));
            }
            catch (FormatException e)
            {
                trace.Line("value error:", e.Message);
            }
            catch (CanceledException)
            {
                trace.Line("cancelled");
            }
        }
    });

    [Fact]
    public void RunCancelsLeftovers() => CheckByHand("run_cancels_leftovers", trace =>
    {
        async Coroutine Leftover()
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            finally
            {
                trace.Line("leftover finally");
                await Asyncio.Sleep(0.005);
                trace.Line("leftover cleanup ends");
            }
        }

        async Coroutine Main(bool fails)
        {
            _ = Asyncio.CreateTask(Leftover());
            await Asyncio.Yield();
            trace.Line("main ends");
            if (fails)
                throw new FormatException("boom");
        }

        foreach (var fails in (bool[])[false, true])
        {
            try
            {
                Asyncio.Run(Main(fails), Options);
                trace.Line("run returns");
            }
            catch (FormatException e)
            {
                trace.Line("value error:", e.Message);
            }
        }
    });

    [Fact]
    public void RunnerSeveralRuns() => CheckByHand("runner_several_runs", trace =>
    {
        async Coroutine<EventLoop> Work(string name)
        {
            await Asyncio.Yield();
            trace.Line(name, "runs");
            return EventLoop.Running;
        }

        async Coroutine Background()
        {
            try
            {
                for (var n = 0; n < 10; n++)
                {
                    trace.Line("background", n);
                    await Asyncio.Yield();
                }
            }
            finally
            {
                trace.Line("background finally");
            }
        }

        async Coroutine StartsBackground() => _ = Asyncio.CreateTask(Background());

        EventLoop first;
        using (var runner = new Runner(Options))
        {
            first = runner.Run(Work("first"));
            runner.Run(StartsBackground());
            trace.Line("between runs");
            var second = runner.Run(Work("second"));
            trace.Line("same loop:", first == second, first == runner.Loop);
            trace.Line("closing");
        }
        trace.Line("closed:", first.IsClosed);
    });

    [Fact]
    public void RunnerContextKept() => CheckByHand("runner_context_kept", trace =>
    {
        var variable = new AsyncLocal<string?>();

        async Coroutine Exchange(string value)
        {
            trace.Line("run sees", variable.Value);
            variable.Value = value;
            await Asyncio.Yield();
        }

        async Coroutine Child() => variable.Value = "child";

        async Coroutine WithChild()
        {
            await Asyncio.CreateTask(Child());
            trace.Line("after child", variable.Value);
        }

        variable.Value = "outside";
        using (var runner = new Runner(Options))
        {
            runner.Run(Exchange("one"));
            runner.Run(Exchange("two"));
            trace.Line("outside still sees", variable.Value);
            runner.Run(WithChild());
        }
        using (var runner = new Runner(Options))
        {
            runner.Run(Exchange("three"));
        }
    });

    [Fact]
    public void RunnerMisuse() => CheckByHand("runner_misuse", trace =>
    {
        async Coroutine<string> Work() => "result";

        void Attempt(string name, Func<Coroutine<string>, string> function)
        {
            try
            {
                trace.Line(name, function(Work()));
            }
            catch (InvalidOperationException)
            {
                trace.Line(name, "runtime error");
            }
        }

        async Coroutine Main(Runner runner)
        {
            Attempt("nested", coroutine => runner.Run(coroutine));
            using var other = new Runner(Options);
            Attempt("nested in another", coroutine => other.Run(coroutine));
        }

        async Coroutine Fails() => throw new FormatException("boom");

        var runner = new Runner(Options);
        runner.Run(Main(runner));
        try
        {
            runner.Run(Fails());
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message);
        }
        Attempt("usable after a failure", coroutine => runner.Run(coroutine));
        runner.Dispose();
        runner.Dispose();
        Attempt("closed", coroutine => runner.Run(coroutine));
    });
}
