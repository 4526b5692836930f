using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

/// <summary>Programs that press Ctrl-C by themselves, each in a process of its own, which prints the trace.</summary>
public class InterruptTraces : TraceTest
{
    /// <summary>What a process is told to be in order to run one of them: this, and the program's name.</summary>
    internal const string ProgramPrefix = "trace ";

    private const int Interrupt = 2;

    public InterruptTraces() => Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent with kill()");

    [Fact]
    public void InterruptCancelsMain() => CheckInProcess("interrupt_cancels_main");

    [Fact]
    public void InterruptSwallowed() => CheckInProcess("interrupt_swallowed");

    [Fact]
    public void InterruptGroup() => CheckInProcess("interrupt_group");

    [Fact]
    public void InterruptLeftovers() => CheckInProcess("interrupt_leftovers");

    [Fact]
    public void InterruptRunnerGoesOn() => CheckInProcess("interrupt_runner_goes_on");

    [Fact]
    public void InterruptReplacedByError() => CheckInProcess("interrupt_replaced_by_error");

    [Fact]
    public void InterruptAndCancel() => CheckInProcess("interrupt_and_cancel");

    /// <summary>Runs a program in this process and prints its trace.</summary>
    internal static int RunProgram(string name)
    {
        var trace = new Trace();
        Action<Trace> program = name switch
        {
            "interrupt_cancels_main" => CancelsMain,
            "interrupt_swallowed" => Swallowed,
            "interrupt_group" => Group,
            "interrupt_leftovers" => Leftovers,
            "interrupt_runner_goes_on" => RunnerGoesOn,
            "interrupt_replaced_by_error" => ReplacedByError,
            "interrupt_and_cancel" => AndCancel,
            _ => throw new ArgumentException(name),
        };
        program(trace);
        foreach (var line in trace.Lines)
            Console.WriteLine(line);
        return 0;
    }

    private static void CheckInProcess(
        string name, [System.Runtime.CompilerServices.CallerMemberName] string caller = "") => CheckByHand(name, trace =>
    {
        using var child = new ChildProgram(ProgramPrefix + name);
        var (exitCode, output, error) = child.WaitForEnd();
        foreach (var line in output.Split('\n'))
            trace.Line(line);
        Assert.Equal((0, ""), (exitCode, error));
    }, caller);

    private static void PressCtrlC() => Assert.Equal(0, kill(Environment.ProcessId, Interrupt));

    private static async Coroutine ForeverAsync() => await new AsyncEvent().WaitAsync();

    private static void CancelsMain(Trace trace)
    {
        async Coroutine MainAsync()
        {
            EventLoop.Running.CallSoon(PressCtrlC);
            try
            {
                await ForeverAsync();
            }
            catch (CanceledException)
            {
                trace.Line("main cancelled");
                throw;
            }
            finally
            {
                await Asyncio.Yield();
                trace.Line("main cleaned up");
            }
        }

        try
        {
            Asyncio.Run(MainAsync());
            trace.Line("returned");
        }
        catch (InterruptedException)
        {
            trace.Line("interrupted");
        }
    }

    private static void Swallowed(Trace trace)
    {
        async Coroutine<string> MainAsync()
        {
            EventLoop.Running.CallSoon(PressCtrlC);
            try
            {
                await ForeverAsync();
            }
            catch (CanceledException)
            {
                trace.Line("main cancelled");
            }
            return "result";
        }

        trace.Line(Asyncio.Run(MainAsync()));
    }

    private static void Group(Trace trace)
    {
        async Coroutine ChildAsync()
        {
            trace.Line("child begins");
            try
            {
                await ForeverAsync();
            }
            finally
            {
                trace.Line("child cancelled");
                await Asyncio.Yield();
                trace.Line("child cleaned up");
            }
        }

        async Coroutine MainAsync() => await TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < 3; i++)
                group.StartSoon(ChildAsync());
            await Asyncio.Yield();
            PressCtrlC();
            trace.Line("body ends");
        });

        try
        {
            Asyncio.Run(MainAsync());
        }
        catch (InterruptedException)
        {
            trace.Line("interrupted");
        }
    }

    private static void Leftovers(Trace trace)
    {
        async Coroutine LeftoverAsync()
        {
            try
            {
                await ForeverAsync();
            }
            finally
            {
                trace.Line("leftover cancelled");
                await Asyncio.Yield();
                trace.Line("leftover cleaned up");
            }
        }

        async Coroutine MainAsync()
        {
            var task = Asyncio.CreateTask(LeftoverAsync());
            await Asyncio.Yield();
            PressCtrlC();
            try
            {
                await Asyncio.Shield(task);
            }
            finally
            {
                trace.Line("main ends, leftover done:", task.IsCompleted);
            }
        }

        try
        {
            Asyncio.Run(MainAsync());
        }
        catch (InterruptedException)
        {
            trace.Line("interrupted");
        }
    }

    private static void RunnerGoesOn(Trace trace)
    {
        async Coroutine InterruptedAsync()
        {
            PressCtrlC();
            await ForeverAsync();
        }

        async Coroutine<string> WorkAsync(string name)
        {
            await Asyncio.Yield();
            return name;
        }

        using (var runner = new Runner())
        {
            trace.Line(runner.Run(WorkAsync("first")));
            for (var i = 0; i < 2; i++)
            {
                try
                {
                    runner.Run(InterruptedAsync());
                }
                catch (InterruptedException)
                {
                    trace.Line("interrupted");
                }
            }
            trace.Line(runner.Run(WorkAsync("second")));
        }
        trace.Line("closed");
    }

    private static void ReplacedByError(Trace trace)
    {
        async Coroutine MainAsync()
        {
            PressCtrlC();
            try
            {
                await ForeverAsync();
            }
            catch (CanceledException)
            {
                throw new FormatException("instead");
            }
        }

        try
        {
            Asyncio.Run(MainAsync());
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message);
        }
    }

    private static void AndCancel(Trace trace)
    {
        async Coroutine MainAsync()
        {
            PressCtrlC();
            try
            {
                await ForeverAsync();
            }
            finally
            {
                Asyncio.CurrentTask!.Cancel();
                try
                {
                    await Asyncio.Yield();
                }
                catch (CanceledException)
                {
                    trace.Line("cancelling:", Asyncio.CurrentTask.CancelRequests);
                }
            }
        }

        try
        {
            Asyncio.Run(MainAsync());
        }
        catch (InterruptedException)
        {
            trace.Line("interrupted");
        }
        catch (CanceledException)
        {
            trace.Line("cancelled");
        }
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
