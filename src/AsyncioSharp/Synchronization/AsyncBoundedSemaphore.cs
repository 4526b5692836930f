namespace AsyncioSharp;

/// <summary>
/// A semaphore that can never have more places than it was made with (<c>asyncio.BoundedSemaphore</c>): a place that is
/// given back twice is a mistake that shows at once.
/// </summary>
public sealed class AsyncBoundedSemaphore : AsyncSemaphore
{
    private readonly int _bound;

    /// <summary>Makes a semaphore (<c>asyncio.BoundedSemaphore()</c>).</summary>
    /// <param name="count">How many may be in at a time (<c>value</c>).</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public AsyncBoundedSemaphore(int count = 1)
        : base(count) => _bound = count;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">All places are there already.</exception>
    public override void Release()
    {
        if (Available >= _bound)
        {
            throw new InvalidOperationException(
                "The semaphore was released more often than it was acquired: all its places are there already.");
        }
        base.Release();
    }
}
