namespace AsyncioSharp;

/// <summary>What a <see cref="TaskGroup"/> does otherwise than asyncio's.</summary>
public sealed record TaskGroupOptions
{
    private readonly int? _maxConcurrency;

    /// <summary>How many of the group's tasks run at a time; null for all. The others start in the order in which they were made.
    /// One that is cancelled before its turn never runs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int? MaxConcurrency
    {
        get => _maxConcurrency;
        init
        {
            if (value is { } max)
                ArgumentOutOfRangeException.ThrowIfLessThan(max, 1, nameof(MaxConcurrency));
            _maxConcurrency = value;
        }
    }

    /// <summary>Whether tasks fail alone: the others and the block go on, and the failures are thrown when all have ended. A
    /// failure of the block cancels the tasks all the same.</summary>
    public bool Supervising { get; init; }

    /// <summary>
    /// Is given each task that has failed, right after that. The others go on, and nothing is thrown at the end: the failure is
    /// dealt with. It may make another task in that one's place, as the group is still open. If this throws, what it throws counts
    /// as the task's failure and ends the group.
    /// </summary>
    public Action<AsyncioTask>? ChildFailed { get; init; }
}
