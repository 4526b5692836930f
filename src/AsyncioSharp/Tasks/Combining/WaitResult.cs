namespace AsyncioSharp;

/// <summary>What <see cref="Asyncio.Wait(IEnumerable{Future}, TimeSpan?, WaitUntil)"/> found.</summary>
/// <param name="Done">Those that have completed, in the order in which they were given.</param>
/// <param name="Pending">Those that have not.</param>
public readonly record struct WaitResult(IReadOnlySet<Future> Done, IReadOnlySet<Future> Pending);
