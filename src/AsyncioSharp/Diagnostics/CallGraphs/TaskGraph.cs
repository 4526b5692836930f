using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// All tasks of a loop at one moment, and which of them wait for which: what <c>python -m asyncio ps</c> and <c>pstree</c> show
/// (<c>asyncio.tools</c>). It tells why a program hangs.
/// </summary>
public sealed class TaskGraph
{
    private readonly Dictionary<int, TaskSnapshot> _byId = [];

    /// <summary>Makes one of snapshots, wherever they are from.</summary>
    /// <param name="tasks">The tasks. They may be awaited by tasks that are not among them.</param>
    public TaskGraph(IEnumerable<TaskSnapshot> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        Tasks = [.. tasks];
        foreach (var task in Tasks)
            _byId.TryAdd(task.Id, task);
    }

    /// <summary>The tasks, in the order of their numbers if <see cref="Capture"/> made it.</summary>
    public IReadOnlyList<TaskSnapshot> Tasks { get; }

    /// <summary>Looks at all tasks of a loop that have not ended.</summary>
    /// <param name="loop">The loop; by default the one that runs on this thread. Another one must not run meanwhile.</param>
    /// <exception cref="InvalidOperationException">No loop is given and none runs; or it runs on another thread.</exception>
    public static TaskGraph Capture(EventLoop? loop = null)
    {
        loop ??= EventLoop.Running;
        if (loop.IsRunning && !loop.IsOnThread)
        {
            throw new InvalidOperationException(
                "The loop runs on another thread, where its tasks change at any moment. Have it call this itself: loop.CallSoonThreadsafe(() => …).");
        }
        return new TaskGraph(loop.AllTasks().OrderBy(static task => task.Id).Select(Snapshot));
    }

    /// <summary>The tasks that wait for each other in a circle, so that none of them can go on.</summary>
    /// <returns>Of each circle the tasks' numbers, each awaiting the next, with the first one again at the end.</returns>
    public IReadOnlyList<IReadOnlyList<int>> FindCycles() => TaskCycles.Find(this);

    /// <summary>A table of all tasks: their names and frames, what they wait for, and who awaits them.</summary>
    public string FormatTable() => TaskTable.Of(this);

    /// <summary>A tree: below each task its frames, and below the innermost of these the tasks that it waits for.</summary>
    /// <param name="taskMark">What stands before a task.</param>
    /// <param name="frameMark">What stands before a frame.</param>
    public string FormatTree(string taskMark = "(T) ", string frameMark = "") => TaskTree.Of(this, taskMark, frameMark);

    /// <summary>The tree.</summary>
    public override string ToString() => FormatTree();

    internal TaskSnapshot? Find(int id) => _byId.GetValueOrDefault(id);

    /// <summary>For each task those that it waits for.</summary>
    internal ILookup<int, TaskSnapshot> ByAwaiter() => Tasks
        .SelectMany(static task => task.AwaitedBy.Distinct().Select(by => (By: by, Task: task)))
        .ToLookup(static edge => edge.By, static edge => edge.Task);

    private static TaskSnapshot Snapshot(AsyncioTask task)
    {
        var (frames, waitsFor) = CallStacks.Of(task);
        return new TaskSnapshot(
            task.Id, task.Name, frames, task.FindWaiters().OfType<AsyncioTask>().Select(static waiter => waiter.Id).ToArray(), waitsFor);
    }
}
