namespace AsyncioSharp.Stress.Resources;

/// <summary>A lock.</summary>
internal sealed class CheckedLock(AsyncLock @lock) : CheckedPlaces<AsyncLock.Releaser>("lock", 1)
{
    protected override Coroutine<AsyncLock.Releaser> AcquireAsync() => @lock.AcquireAsync();

    protected override bool TryAcquire() => @lock.TryAcquire();

    protected override void Release() => @lock.Release();
}
