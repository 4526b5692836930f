namespace AsyncioSharp;

/// <summary>What <c>await foreach</c> uses to walk a <see cref="FutureCompletionStream{TFuture}"/> or a
/// <see cref="TaskCompletionStream{T}"/>.</summary>
/// <typeparam name="TFuture">The kind of future.</typeparam>
public sealed class FutureCompletionEnumerator<TFuture>
    where TFuture : Future
{
    private readonly CompletionStream _stream;

    internal FutureCompletionEnumerator(CompletionStream stream) => _stream = stream;

    /// <summary>The future that has completed. Awaiting it gives its result, or throws what it failed with.</summary>
    public TFuture Current { get; private set; } = null!;

    /// <summary>Waits for the next one.</summary>
    /// <returns>False when there is none left.</returns>
    /// <exception cref="TimeoutException">The time given for all of them is over.</exception>
    public async Coroutine<bool> MoveNextAsync()
    {
        if (await _stream.NextAsync() is not { } next)
            return false;
        Current = (TFuture)next;
        return true;
    }
}
