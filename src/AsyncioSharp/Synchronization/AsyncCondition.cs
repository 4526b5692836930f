using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// A lock, and a line of tasks that wait until one that holds it has changed something (<c>asyncio.Condition</c>). It can be
/// made before a loop runs, and belongs to the first loop on which a task waits for it.
/// </summary>
/// <remarks>
/// <code>
/// using (await condition.AcquireAsync())
/// {
///     await condition.WaitForAsync(() => stock > 0);
///     stock--;
/// }
/// </code>
/// </remarks>
public sealed class AsyncCondition
{
    private readonly ParkingLot _waiters;
    private readonly AsyncLock _lock;

    /// <summary>Makes a condition with a lock of its own.</summary>
    public AsyncCondition()
        : this(new AsyncLock()) { }

    /// <summary>Makes a condition over a lock, which several conditions can share.</summary>
    /// <param name="lock">The lock.</param>
    public AsyncCondition(AsyncLock @lock)
    {
        ArgumentNullException.ThrowIfNull(@lock);
        _lock = @lock;
        _waiters = new ParkingLot(this);
    }

    /// <summary>One that is a part of something else, for which call graphs say that its tasks wait.</summary>
    internal AsyncCondition(object owner)
    {
        _lock = new AsyncLock();
        _waiters = new ParkingLot(owner);
    }

    /// <summary>Whether the lock is held (<c>Condition.locked()</c>).</summary>
    public bool IsLocked => _lock.IsLocked;

    /// <summary>Waits for the lock and takes it (<c>Condition.acquire()</c>).</summary>
    /// <returns>Releases the lock when disposed: <c>using (await condition.AcquireAsync())</c>.</returns>
    public Coroutine<AsyncLock.Releaser> AcquireAsync() => _lock.AcquireAsync();

    /// <summary>Takes the lock if nobody holds it or waits for it.</summary>
    /// <returns>False if it was not taken.</returns>
    public bool TryAcquire() => _lock.TryAcquire();

    /// <summary>Releases the lock (<c>Condition.release()</c>).</summary>
    /// <exception cref="InvalidOperationException">Nobody holds it.</exception>
    public void Release() => _lock.Release();

    /// <summary>
    /// Releases the lock, waits to be notified, and takes the lock again (<c>Condition.wait()</c>). Now and then it returns
    /// without a notification, so look again at what you wait for, or use <see cref="WaitForAsync"/>.
    /// </summary>
    /// <remarks>
    /// However it ends, the lock is held: a task that is cancelled takes it again before it goes on with the cancellation, and
    /// leaves a notification that it may have got to somebody else.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The lock is not held, or the condition belongs to another loop.</exception>
    public async Coroutine WaitAsync()
    {
        CheckLocked("waited for");
        _waiters.Bind(EventLoop.Running);
        Release();
        try
        {
            try
            {
                await _waiters.WaitAsync();
            }
            finally
            {
                await ReacquireAsync();
            }
        }
        catch
        {
            // It may have been notified and cancelled afterwards, while it waited for the lock. The notification was meant
            // for one; that one too many may be woken is why everybody looks again.
            _waiters.WakeOne();
            throw;
        }
    }

    /// <summary>Waits until something holds (<c>Condition.wait_for()</c>): asks at once, and again after each notification,
    /// while the lock is held.</summary>
    /// <param name="predicate">What to wait for.</param>
    /// <exception cref="InvalidOperationException">It does not hold yet, and the lock is not held.</exception>
    public Coroutine WaitForAsync(Func<bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return WaitForCoreAsync(predicate);
    }

    /// <summary>Lets tasks go on, those first that have waited longest (<c>Condition.notify()</c>). They go on when they
    /// have got the lock, which you still hold.</summary>
    /// <param name="n">How many; all of them if there are fewer.</param>
    /// <exception cref="InvalidOperationException">The lock is not held.</exception>
    public void Notify(int n = 1)
    {
        CheckLocked("notified");
        while (n-- > 0 && _waiters.WakeOne())
        {
        }
    }

    /// <summary>Lets all tasks go on (<c>Condition.notify_all()</c>), one after the other as they get the lock.</summary>
    /// <exception cref="InvalidOperationException">The lock is not held.</exception>
    public void NotifyAll()
    {
        CheckLocked("notified");
        _waiters.WakeAll();
    }

    /// <summary>Whether the lock is held, and how many tasks wait to be notified.</summary>
    public override string ToString()
    {
        var state = IsLocked ? "locked" : "unlocked";
        return _waiters.Count == 0 ? $"AsyncCondition [{state}]" : $"AsyncCondition [{state}, waiters:{_waiters.Count}]";
    }

    private async Coroutine WaitForCoreAsync(Func<bool> predicate)
    {
        while (!predicate())
            await WaitAsync();
    }

    /// <summary>Takes the lock even if it is cancelled meanwhile; the last cancellation is thrown afterwards.</summary>
    private async Coroutine ReacquireAsync()
    {
        CanceledException? cancellation = null;
        for (; ; )
        {
            try
            {
                await _lock.AcquireAsync();
                break;
            }
            catch (CanceledException e)
            {
                if (cancellation is null)
                    Asyncio.CurrentTask!.PauseScopes(); // a cancelled scope would cancel this for ever
                cancellation = e;
            }
        }
        if (cancellation is null)
            return;
        Asyncio.CurrentTask!.ResumeScopes();
        throw cancellation;
    }

    private void CheckLocked(string what)
    {
        if (!IsLocked)
        {
            throw new InvalidOperationException(
                $"The condition's lock is not held, so the condition cannot be {what}. Do it inside using (await condition.AcquireAsync()).");
        }
    }
}
