namespace AsyncioSharp;

/// <summary>
/// Where a task stands, and who waits for it (<c>asyncio.FutureCallGraph</c>): as it was when
/// <see cref="Asyncio.CaptureCallGraph"/> made it.
/// </summary>
public sealed class CallGraph
{
    internal CallGraph(Future future, IReadOnlyList<CallGraphFrame> callStack, string? waitsFor)
    {
        Future = future;
        CallStack = callStack;
        WaitsFor = waitsFor;
    }

    /// <summary>The task or other future.</summary>
    public Future Future { get; }

    /// <summary>The frames of a task, the innermost first; none of other futures.</summary>
    public IReadOnlyList<CallGraphFrame> CallStack { get; }

    /// <summary>What the innermost frame waits for, in words: a timer and how much is left of it, a lock, a queue, another
    /// task; null if it waits for nothing, or is no task.</summary>
    public string? WaitsFor { get; }

    /// <summary>
    /// The tasks, and other futures, that wait for this one: by awaiting it themselves, in a group, or through <c>Gather</c>,
    /// <c>Shield</c> or <c>Wait</c>. Tasks that wait for each other in a circle are found here again and again.
    /// </summary>
    public IReadOnlyList<CallGraph> AwaitedBy { get; internal set; } = [];

    /// <summary>As a tree, in the form of <see cref="Asyncio.FormatCallGraph"/>.</summary>
    public override string ToString() => CompilerServices.CallGraphText.Of(this);
}
