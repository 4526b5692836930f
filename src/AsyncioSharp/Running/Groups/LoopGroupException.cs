namespace AsyncioSharp;

/// <summary>What has failed on the loops of a <see cref="LoopGroup"/>. The exceptions themselves are the
/// <see cref="AggregateException.InnerExceptions"/>.</summary>
public sealed class LoopGroupException : AggregateException
{
    internal LoopGroupException(IReadOnlyList<Failure> failures, int loopCount)
        : base($"It failed on {failures.Count} of {loopCount} loops; what still ran on the others was cancelled.",
            failures.Select(static failure => failure.Exception)) =>
        Failures = failures;

    /// <summary>The failures, in the order in which they came.</summary>
    public IReadOnlyList<Failure> Failures { get; }

    /// <summary>A failure.</summary>
    /// <param name="LoopIndex">The loop's index in <see cref="LoopGroup.Loops"/>.</param>
    /// <param name="Exception">Its exception.</param>
    public sealed record Failure(int LoopIndex, Exception Exception);
}
