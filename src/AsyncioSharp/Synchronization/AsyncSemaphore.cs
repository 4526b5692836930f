using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

/// <summary>
/// Lets a number of tasks at a time through (<c>asyncio.Semaphore</c>), in the order in which they came: nobody overtakes
/// those who wait. It can be made before a loop runs, and belongs to the first loop on which a task waits for it.
/// </summary>
/// <remarks>Taking a free place neither suspends nor allocates.</remarks>
public class AsyncSemaphore
{
    private readonly SemaphoreWait _wait;

    /// <summary>Makes a semaphore (<c>asyncio.Semaphore()</c>).</summary>
    /// <param name="count">How many may be in at a time (<c>value</c>).</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public AsyncSemaphore(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _wait = new SemaphoreWait(this, count);
    }

    /// <summary>Whether a task that asks now has to wait (<c>Semaphore.locked()</c>).</summary>
    public bool IsLocked => _wait.IsLocked;

    private protected int Available => _wait.Available;

    /// <summary>Waits for a place and takes it (<c>Semaphore.acquire()</c>).</summary>
    /// <returns>Gives the place back when disposed: <c>using (await semaphore.AcquireAsync())</c>.</returns>
    public Coroutine<Releaser> AcquireAsync() => _wait.WaitAsync();

    /// <summary>Takes a place if one is free and nobody waits for it.</summary>
    /// <returns>False if there is none.</returns>
    public bool TryAcquire()
    {
        if (_wait.IsLocked)
            return false;
        _wait.Take();
        return true;
    }

    /// <summary>Gives a place back, or adds one (<c>Semaphore.release()</c>).</summary>
    public virtual void Release() => _wait.GiveBack();

    /// <summary>How many places are free, and how many tasks wait.</summary>
    public override string ToString()
    {
        var state = IsLocked ? "locked" : $"unlocked, value:{_wait.Available}";
        return _wait.Count == 0 ? $"{GetType().Name} [{state}]" : $"{GetType().Name} [{state}, waiters:{_wait.Count}]";
    }

    /// <summary>Gives a place back when disposed.</summary>
    public readonly struct Releaser : IDisposable
    {
        private readonly AsyncSemaphore _semaphore;

        internal Releaser(AsyncSemaphore semaphore) => _semaphore = semaphore;

        /// <summary>Gives the place back. Call it once.</summary>
        public void Dispose() => _semaphore?.Release();
    }
}
