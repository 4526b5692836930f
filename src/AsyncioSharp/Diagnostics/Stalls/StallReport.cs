using System.Globalization;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// A loop has not turned for longer than its <see cref="EventLoop.StallThreshold"/>, or does so again. Nothing else on the
/// loop can run as long as that lasts: no timer, no connection, no cancellation.
/// </summary>
/// <remarks>
/// It is made by another thread while the loop is stuck, and holds what that thread can see. What the loop's thread has on
/// its own stack is not among it: .NET shows that to debuggers and profilers only (<c>dotnet-stack report</c>).
/// </remarks>
public sealed record StallReport
{
    private const int FramesInText = 6;

    internal StallReport(EventLoop loop) => Loop = loop;

    /// <summary>The loop. It belongs to its thread; use <see cref="EventLoop.CallSoonThreadsafe(Action, ExecutionContext?, Action?)"/>.</summary>
    public EventLoop Loop { get; }

    /// <summary>How long it has not turned, at least: it is looked at four times in the threshold.</summary>
    public TimeSpan Duration { get; internal init; }

    /// <summary>Whether it turns again. What follows is then as it was reported during the stall.</summary>
    public bool HasRecovered { get; internal init; }

    /// <summary>The name of the task that runs; null if a callback runs, or if tasks take turns without an end to the
    /// loop's iteration.</summary>
    public string? TaskName { get; internal init; }

    /// <summary>
    /// The coroutines of the task: the one that was resumed, the one that awaits it with the line of its await, and so on. At
    /// which line the first one is, and what it has called since, is not known. At most 64; empty if they change faster than
    /// they can be read.
    /// </summary>
    public IReadOnlyList<CallGraphFrame> AwaitStack { get; internal init; } = [];

    /// <summary>What the loop's thread does.</summary>
    public StallKind Kind { get; internal init; }

    /// <summary>The function of the kernel in which the thread waits, as Linux names it (<c>wchan</c>); null if that is not
    /// known.</summary>
    public string? KernelFunction { get; internal init; }

    /// <summary>A sentence for people.</summary>
    public override string ToString() => HasRecovered
        ? $"The event loop turns again, after {Milliseconds} ms in which {Culprit} held it up."
        : $"The event loop has not turned for {Milliseconds} ms. {Who} {What}.";

    /// <summary>What a structured log gets.</summary>
    internal KeyValuePair<string, object?>[] Properties =>
    [
        new(nameof(Loop), Loop.Name),
        new(nameof(Duration), Duration),
        new(nameof(HasRecovered), HasRecovered),
        new(nameof(TaskName), TaskName),
        new(nameof(AwaitStack), AwaitStack),
        new(nameof(Kind), Kind),
        new(nameof(KernelFunction), KernelFunction),
    ];

    private string Milliseconds => Duration.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture);

    private string Culprit => TaskName is null ? "a callback" : $"task '{TaskName}'";

    private string Who => TaskName is null ? "A callback" : $"Task '{TaskName}'{(AwaitStack.Count == 0 ? "" : $", in {Places},")}";

    private string Places =>
        string.Join(" < ", AwaitStack.Take(FramesInText).Select(Place)) + (AwaitStack.Count > FramesInText ? " < …" : "");

    private static string Place(CallGraphFrame frame) =>
        frame.File is null ? frame.Method : $"{frame.Method} ({Path.GetFileName(frame.File)}:{frame.Line})";

    private string What => Kind switch
    {
        StallKind.Computing => "computes; move that to Asyncio.ToThread, or await Asyncio.Yield now and then",
        StallKind.Blocked =>
            $"blocks the thread{(KernelFunction is null ? "" : $" (in {KernelFunction})")}; await instead, or move that to Asyncio.ToThread",
        StallKind.Starved => "waits for a processor: the machine is overloaded",
        _ => "holds it up; move long computations and calls that block to Asyncio.ToThread",
    };
}
