using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

/// <summary>
/// Runs programs that are twins of those in Programs/, and compares what they print with what the Python ones print.
/// A test is named after its program: <c>call_soon_order.py</c> is the twin of <c>CallSoonOrder</c>.
/// </summary>
public abstract class TraceTest
{
    protected static RunnerOptions Options { get; } = new() { LoopFactory = () => new VirtualEventLoop() };

    /// <summary>Runs a program on a loop in virtual time.</summary>
    protected static void Check(string name, Func<Trace, Coroutine> program, [CallerMemberName] string caller = "") =>
        CheckByHand(name, trace => Asyncio.Run(program(trace), Options), caller);

    /// <summary>Runs a program that makes its loops and runners itself.</summary>
    protected static void CheckByHand(string name, Action<Trace> program, [CallerMemberName] string caller = "")
    {
        Assert.Equal(caller, TraceProgram.TwinOf(name));
        var expected = TraceProgram.ExpectedLines(name);
        var trace = new Trace();
        try
        {
            program(trace);
        }
        catch (Exception e)
        {
            trace.Line("unhandled:", e);
        }
        if (!expected.SequenceEqual(trace.Lines))
        {
            var difference = TraceDifference.Show(expected, trace.Lines);
            Assert.Fail($"{name} does not print what its twin does (- expected, + printed):\n{difference}");
        }
    }

    /// <summary>What became of a task, in a word.</summary>
    protected static string State(Future future) => future switch
    {
        { IsCompleted: false } => "pending",
        { IsCanceled: true } => "cancelled",
        { Exception: not null } => "failed",
        _ => "done",
    };

    /// <summary>The names of tasks, in alphabetical order.</summary>
    protected static IEnumerable<string> Names(IEnumerable<Future> tasks) =>
        tasks.Select(task => ((AsyncioTask)task).Name).Order(StringComparer.Ordinal);

    /// <summary>The messages of the failures of a group.</summary>
    protected static IEnumerable<string> Messages(AggregateException errors) => errors.InnerExceptions.Select(error => error.Message);
}
