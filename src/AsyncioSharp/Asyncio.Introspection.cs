using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>
    /// Tells where a task stands and who waits for it (<c>asyncio.capture_call_graph()</c>). All of it is found out by this
    /// call: a program pays nothing for being able to make it.
    /// </summary>
    /// <param name="future">The task, or another future; by default the task that runs.</param>
    /// <param name="depth">Of the task that runs: the frame to begin with. 1 is the caller of this method, 2 that one's
    /// caller, and so on; the runtime may have merged methods that do not wait with their callers.</param>
    /// <param name="limit">How many frames of each task to keep: a positive number for the outermost, a negative one for the
    /// innermost; null for all.</param>
    /// <returns>The graph; null if no future is given and no task runs.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The depth is less than 1.</exception>
    /// <exception cref="InvalidOperationException">No future is given, and no loop runs on this thread.</exception>
    public static CallGraph? CaptureCallGraph(Future? future = null, int depth = 1, int? limit = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        var running = future is null ? EventLoop.Running.CurrentTask : CurrentTask;
        future ??= running;
        if (future is null)
            return null;
        future.Loop.CheckThread();
        return new CallGraphCapture(limit).Capture(future, skip: ReferenceEquals(future, running) ? depth - 1 : 0);
    }

    /// <summary>A call graph as text (<c>asyncio.format_call_graph()</c>): a task, its frames, what it waits for, and the tasks
    /// that wait for it.</summary>
    /// <inheritdoc cref="CaptureCallGraph(Future?, int, int?)"/>
    /// <returns>The text; empty if no future is given and no task runs.</returns>
    public static string FormatCallGraph(Future? future = null, int depth = 1, int? limit = null) =>
        CaptureCallGraph(future, depth, limit)?.ToString() ?? "";

    /// <summary>Writes a call graph (<c>asyncio.print_call_graph()</c>).</summary>
    /// <inheritdoc cref="CaptureCallGraph(Future?, int, int?)"/>
    /// <param name="future">The task, or another future; by default the task that runs.</param>
    /// <param name="depth">Of the task that runs: the frame to begin with.</param>
    /// <param name="limit">How many frames of each task to keep.</param>
    /// <param name="writer">Where to; by default the standard output.</param>
    public static void PrintCallGraph(Future? future = null, int depth = 1, int? limit = null, TextWriter? writer = null) =>
        (writer ?? Console.Out).WriteLine(FormatCallGraph(future, depth, limit));

    /// <summary>
    /// All tasks of a loop as a tree: below each its frames, what it waits for, and the tasks that it awaits. To be written where
    /// a program hangs. <see cref="TaskGraph.Capture"/> has the same as a table and as data.
    /// </summary>
    /// <param name="loop">The loop; by default the one that runs on this thread.</param>
    /// <exception cref="InvalidOperationException">No loop is given, and none runs on this thread.</exception>
    public static string FormatAllTasks(EventLoop? loop = null) => TaskGraph.Capture(loop).FormatTree();
}
