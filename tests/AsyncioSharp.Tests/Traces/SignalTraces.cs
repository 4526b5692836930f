using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

/// <summary>Programs that send themselves signals, by turns, as the signals are those of the whole process.</summary>
public class SignalTraces : TraceTest
{
    private const int User1 = 10, User2 = 12; // SIGUSR1, SIGUSR2

    public SignalTraces() => Assert.SkipUnless(OperatingSystem.IsLinux(), "signals have other numbers elsewhere");

    private static void CheckOnSystem(string name, Func<Trace, Coroutine> program, [CallerMemberName] string caller = "") =>
        CheckByHand(name, trace => Asyncio.Run(program(trace)), caller);

    private static void Raise(int signal) => Assert.Equal(0, kill(Environment.ProcessId, signal));

    [Fact]
    public void SignalHandlerCalled() => CheckOnSystem("signal_handler_called", async trace =>
    {
        var loop = EventLoop.Running;
        for (var number = 0; number < 3; number++)
        {
            var seen = loop.CreateFuture<int>();
            var which = number;
            loop.AddSignalHandler(User1, () =>
            {
                trace.Line("handled on the loop:", EventLoop.Running == loop);
                seen.SetResult(which);
            });
            Raise(User1);
            trace.Line("raised");
            trace.Line("seen", await seen);
        }
        trace.Line("removed:", loop.RemoveSignalHandler(User1));
        trace.Line("removed:", loop.RemoveSignalHandler(User1));
    });

    [Fact]
    public void SignalHandlerReplaced() => CheckOnSystem("signal_handler_replaced", async trace =>
    {
        var loop = EventLoop.Running;
        var seen = new AsyncEvent();

        Action Handler(string name) => () =>
        {
            trace.Line(name, "called");
            seen.Set();
        };

        loop.AddSignalHandler(User1, Handler("first"));
        loop.AddSignalHandler(User1, Handler("second"));
        loop.AddSignalHandler(User2, Handler("other"));
        foreach (var number in (int[])[User1, User2])
        {
            seen.Clear();
            Raise(number);
            await seen.WaitAsync();
        }
        trace.Line("removed:", loop.RemoveSignalHandler(User1), loop.RemoveSignalHandler(User2));
    });

    [Fact]
    public void SignalHandlerReentrant() => CheckOnSystem("signal_handler_reentrant", async trace =>
    {
        var loop = EventLoop.Running;
        var over = loop.CreateFuture<bool>();

        void First()
        {
            trace.Line("first");
            trace.Line("removes itself:", loop.RemoveSignalHandler(User1));
            loop.AddSignalHandler(User1, Second);
            Raise(User1);
            trace.Line("first ends");
        }

        void Second()
        {
            trace.Line("second");
            loop.AddSignalHandler(User1, Third);
            loop.CallSoon(() => Raise(User1));
        }

        void Third()
        {
            trace.Line("third");
            over.SetResult(true);
        }

        loop.AddSignalHandler(User1, First);
        Raise(User1);
        await over;
        trace.Line("removed:", loop.RemoveSignalHandler(User1));
    });

    [Fact]
    public void SignalHandlerFails() => CheckOnSystem("signal_handler_fails", async trace =>
    {
        var loop = EventLoop.Running;
        var reported = loop.CreateFuture<bool>();
        loop.ExceptionHandler = (_, context) =>
        {
            trace.Line("reported:", context.Exception!.Message);
            reported.TrySetResult(true);
        };
        loop.AddSignalHandler(User1, () => throw new FormatException("in a handler"));
        Raise(User1);
        await reported;
        trace.Line("goes on");
        loop.RemoveSignalHandler(User1);
    });

    [Fact]
    public void SignalHandlerRefused() => CheckOnSystem("signal_handler_refused", async trace =>
    {
        var loop = EventLoop.Running;
        foreach (var number in (int[])[0, -1, 1000, 9, 19])
        {
            try
            {
                loop.AddSignalHandler(number, () => { });
                trace.Line(number, "added");
            }
            catch (ArgumentException)
            {
                trace.Line(number, "refused");
            }
        }
        trace.Line("removed:", loop.RemoveSignalHandler(User2));
    });

    [Fact]
    public void SignalFromSubprocess() => CheckOnSystem("signal_from_subprocess", async trace =>
    {
        var loop = EventLoop.Running;
        var seen = new AsyncEvent();
        loop.AddSignalHandler(User2, seen.Set);
        var process = await Asyncio.CreateSubprocessShellAsync("kill -USR2 $PPID; exit 3");
        var code = await process.WaitAsync();
        await seen.WaitAsync();
        trace.Line("exit code", code, "and the signal");
        trace.Line("removed:", loop.RemoveSignalHandler(User2));
    });

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
