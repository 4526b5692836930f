namespace AsyncioSharp;

/// <summary>How a <see cref="LoopGroup"/> is made.</summary>
public sealed record LoopGroupOptions
{
    /// <summary>How many loops; by default one for each processor that the process may use.</summary>
    public int Count { get; init; } = Environment.ProcessorCount;

    /// <summary>On which processors they run; by default wherever the system likes.</summary>
    public LoopPlacement Placement { get; init; }

    /// <summary>How each loop is run. Where this does not say how long the end waits for what was cancelled
    /// (<see cref="RunnerOptions.TaskShutdownTimeout"/>), it waits five seconds; <see cref="Timeout.InfiniteTimeSpan"/> is as long as that
    /// takes. What has not ended by then is told by <see cref="LoopGroupEnd.Unfinished"/>, and never goes on.</summary>
    public RunnerOptions Runner { get; init; } = new();
}
