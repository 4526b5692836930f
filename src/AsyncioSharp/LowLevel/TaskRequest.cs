namespace AsyncioSharp.LowLevel;

/// <summary>What was asked for when a task was to be made.</summary>
/// <param name="Name">Its name; null for a default one.</param>
/// <param name="Context">The execution context in which it is to run; null for a copy of the current one.</param>
/// <param name="EagerStart">Whether it is to run at once up to its first wait; null if nothing was asked for.</param>
public readonly record struct TaskRequest(string? Name = null, ExecutionContext? Context = null, bool? EagerStart = null)
{
    /// <summary>The cancel scope to which the task is to belong; null for none.</summary>
    internal CancelScope? Scope { get; init; }
}
