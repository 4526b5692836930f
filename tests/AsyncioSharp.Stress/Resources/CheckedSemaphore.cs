namespace AsyncioSharp.Stress.Resources;

/// <summary>A semaphore.</summary>
internal sealed class CheckedSemaphore(int places) : CheckedPlaces<AsyncSemaphore.Releaser>("semaphore", places)
{
    // A bounded one refuses to be released too often, but in the check at the end.
    private readonly AsyncSemaphore _semaphore = places > 1 ? new AsyncBoundedSemaphore(places) : new AsyncSemaphore(places);

    protected override Coroutine<AsyncSemaphore.Releaser> AcquireAsync() => _semaphore.AcquireAsync();

    protected override bool TryAcquire() => _semaphore.TryAcquire();

    protected override void Release() => _semaphore.Release();
}
