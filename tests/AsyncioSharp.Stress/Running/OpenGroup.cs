namespace AsyncioSharp.Stress.Running;

/// <summary>A group that a task may be waiting to leave.</summary>
internal sealed record OpenGroup(AsyncioTask Parent, List<AsyncioTask> Tasks)
{
    /// <summary>How many of the tasks run, where that is bounded.</summary>
    public int Running { get; set; }

    /// <summary>Whether its body is known to have ended.</summary>
    public bool IsLeaving { get; set; }

    public bool IsPending => Tasks.Exists(task => !task.IsCompleted);
}
