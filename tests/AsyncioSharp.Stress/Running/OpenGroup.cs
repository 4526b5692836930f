namespace AsyncioSharp.Stress.Running;

/// <summary>A group that a task may be waiting to leave.</summary>
internal sealed record OpenGroup(AsyncioTask Parent, List<AsyncioTask> Tasks)
{
    public bool IsPending => Tasks.Exists(task => !task.IsCompleted);
}
