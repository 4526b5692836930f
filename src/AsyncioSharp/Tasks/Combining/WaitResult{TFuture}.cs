namespace AsyncioSharp;

/// <summary>What <see cref="Asyncio.Wait{TFuture}(IEnumerable{TFuture}, TimeSpan?, WaitUntil)"/> found.</summary>
/// <typeparam name="TFuture">The kind of future.</typeparam>
/// <param name="Done">Those that have completed, in the order in which they were given.</param>
/// <param name="Pending">Those that have not.</param>
public readonly record struct WaitResult<TFuture>(IReadOnlySet<TFuture> Done, IReadOnlySet<TFuture> Pending)
    where TFuture : Future;
