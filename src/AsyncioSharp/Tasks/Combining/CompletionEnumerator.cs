namespace AsyncioSharp;

/// <summary>What <c>await foreach</c> uses to walk a <see cref="CompletionStream{T}"/>.</summary>
/// <typeparam name="T">The results' type.</typeparam>
public sealed class CompletionEnumerator<T>
{
    private readonly CompletionStream<T> _stream;

    internal CompletionEnumerator(CompletionStream<T> stream) => _stream = stream;

    /// <summary>The future that has completed. Awaiting it gives its result, or throws what it failed with.</summary>
    public IAwaitable<T> Current { get; private set; } = null!;

    /// <summary>Waits for the next one.</summary>
    /// <returns>False when there is none left.</returns>
    /// <exception cref="TimeoutException">The time given for all of them is over.</exception>
    public async Coroutine<bool> MoveNextAsync()
    {
        if (await _stream.NextAsync() is not { } next)
            return false;
        Current = (IAwaitable<T>)next;
        return true;
    }
}
