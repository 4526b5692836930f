using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Lets a number of tasks at a time through (<c>asyncio.Semaphore</c>), in the order in which they came: nobody overtakes
/// those who wait. It can be made before a loop runs, and belongs to the first loop on which a task waits for it.
/// </summary>
public class AsyncSemaphore
{
    private readonly ParkingLot _waiters;
    private int _available;
    private int _handedOver; // places given to tasks that were woken and have not run yet

    /// <summary>Makes a semaphore.</summary>
    /// <param name="count">How many may be in at a time.</param>
    public AsyncSemaphore(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _available = count;
        _waiters = new ParkingLot(HandBack);
    }

    /// <summary>Whether a task that asks now has to wait (<c>Semaphore.locked()</c>).</summary>
    public bool IsLocked => _available == 0 || _waiters.Count > 0 || _handedOver > 0;

    /// <summary>Waits for a place (<c>Semaphore.acquire()</c>).</summary>
    /// <returns>Gives the place back when disposed: <c>using (await semaphore.AcquireAsync())</c>.</returns>
    public async Coroutine<Releaser> AcquireAsync()
    {
        // A place is taken when the coroutine runs, not when it is made: one that never runs must not keep it.
        if (!TryAcquire())
            await WaitAsync();
        return new Releaser(this);
    }

    /// <summary>Takes a place if one is free.</summary>
    /// <returns>False if there is none.</returns>
    public bool TryAcquire()
    {
        if (IsLocked)
            return false;
        _available--;
        return true;
    }

    /// <summary>Gives a place back, or adds one (<c>Semaphore.release()</c>).</summary>
    public virtual void Release()
    {
        _available++;
        HandOver();
    }

    private async Coroutine WaitAsync()
    {
        await _waiters.WaitAsync();
        _handedOver--;
        // Places that became free while this one was handed over could be given to nobody, so as to keep the order.
        while (_available > 0 && HandOver())
        {
        }
    }

    private bool HandOver()
    {
        if (!_waiters.WakeOne())
            return false;
        _available--;
        _handedOver++;
        return true;
    }

    private void HandBack()
    {
        _handedOver--;
        _available++;
        while (_available > 0 && HandOver())
        {
        }
    }

    /// <summary>Gives a place back.</summary>
    public readonly struct Releaser : IDisposable
    {
        private readonly AsyncSemaphore _semaphore;

        internal Releaser(AsyncSemaphore semaphore) => _semaphore = semaphore;

        /// <summary>Gives the place back. Call it once.</summary>
        public void Dispose() => _semaphore?.Release();
    }
}
