using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

/// <summary>
/// Lets one task at a time through (<c>asyncio.Lock</c>), in the order in which they came: nobody overtakes those who wait.
/// It can be made before a loop runs, and belongs to the first loop on which a task waits for it. It is not reentrant: a
/// task that holds it and asks for it again waits for itself.
/// </summary>
/// <remarks>Use it as <c>using (await mutex.AcquireAsync())</c>. Taking a free lock neither suspends nor allocates.</remarks>
public sealed class AsyncLock
{
    private readonly LockWait _wait;

    /// <summary>Makes a lock that nobody holds.</summary>
    public AsyncLock() => _wait = new LockWait(this);

    /// <summary>Whether somebody holds it (<c>Lock.locked()</c>).</summary>
    public bool IsLocked => _wait.IsTaken;

    /// <summary>Waits for the lock and takes it (<c>Lock.acquire()</c>).</summary>
    /// <returns>Releases the lock when disposed: <c>using (await mutex.AcquireAsync())</c>.</returns>
    public Coroutine<Releaser> AcquireAsync() => _wait.WaitAsync();

    /// <summary>Takes the lock if it is free and nobody waits for it.</summary>
    /// <returns>False if it was not taken.</returns>
    public bool TryAcquire()
    {
        if (!_wait.IsFree)
            return false;
        _wait.Take();
        return true;
    }

    /// <summary>Releases the lock (<c>Lock.release()</c>), to the task that has waited longest if one waits.</summary>
    /// <exception cref="InvalidOperationException">Nobody holds it.</exception>
    public void Release()
    {
        if (!_wait.IsTaken)
            throw new InvalidOperationException("The lock is not held: it was released more often than it was acquired.");
        _wait.Release();
    }

    /// <summary>Whether it is held, and how many tasks wait.</summary>
    public override string ToString()
    {
        var state = IsLocked ? "locked" : "unlocked";
        return _wait.Count == 0 ? $"AsyncLock [{state}]" : $"AsyncLock [{state}, waiters:{_wait.Count}]";
    }

    /// <summary>Releases the lock when disposed.</summary>
    public readonly struct Releaser : IDisposable
    {
        private readonly AsyncLock _lock;

        internal Releaser(AsyncLock owner) => _lock = owner;

        /// <summary>What it releases; null if it is none.</summary>
        internal AsyncLock? Lock => _lock;

        /// <summary>Releases the lock. Call it once.</summary>
        public void Dispose() => _lock?.Release();
    }
}
