namespace AsyncioSharp;

/// <summary>How a <see cref="LoopGroup"/> is made.</summary>
public sealed record LoopGroupOptions
{
    /// <summary>How many loops; by default one for each processor that the process may use.</summary>
    public int Count { get; init; } = Environment.ProcessorCount;

    /// <summary>On which processors they run; by default wherever the system likes.</summary>
    public LoopPlacement Placement { get; init; }

    /// <summary>How each loop is run.</summary>
    public RunnerOptions Runner { get; init; } = new();

    /// <summary>How long the end waits for what was cancelled (five seconds by default). What has not ended by then is told by
    /// <see cref="LoopGroupEnd.Unended"/>, and never goes on.</summary>
    public TimeSpan CancelPatience { get; init; } = TimeSpan.FromSeconds(5);
}
