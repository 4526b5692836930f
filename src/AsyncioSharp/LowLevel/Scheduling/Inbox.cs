namespace AsyncioSharp.LowLevel;

/// <summary>
/// What other threads want a loop to run: a lock-free stack that the loop takes over whole and turns round. A loop that
/// is about to block says so; only whoever finds it so wakes it, and only the first.
/// </summary>
internal sealed class Inbox
{
    private InboxItem? _newest;
    private int _loopIsIdle;

    public bool IsEmpty => Volatile.Read(ref _newest) is null;

    /// <summary>Adds an item, on any thread.</summary>
    /// <returns>True if the loop has to be woken.</returns>
    public bool Add(InboxItem item)
    {
        // Once it is exchanged, the item is the loop's: what it holds must not be read again here.
        InboxItem? newest;
        do
        {
            newest = Volatile.Read(ref _newest);
            item.NextInInbox = newest;
        }
        while (Interlocked.CompareExchange(ref _newest, item, newest) != newest);
        // The exchange above is a full fence: either the loop sees the item before it blocks, or it is seen here as idle.
        return Volatile.Read(ref _loopIsIdle) != 0 && Interlocked.Exchange(ref _loopIsIdle, 0) != 0;
    }

    /// <summary>The loop is about to block.</summary>
    /// <returns>False if it must not, as there are items.</returns>
    public bool BeginIdle()
    {
        Interlocked.Exchange(ref _loopIsIdle, 1);
        if (IsEmpty)
            return true;
        Volatile.Write(ref _loopIsIdle, 0);
        return false;
    }

    /// <summary>The loop is awake.</summary>
    public void EndIdle() => Volatile.Write(ref _loopIsIdle, 0);

    /// <summary>Moves all items to the ready queue, oldest first.</summary>
    public void MoveTo(ref ReadyQueue ready)
    {
        var oldest = TakeAll();
        while (oldest is not null)
        {
            var next = oldest.NextInInbox;
            oldest.NextInInbox = null;
            ready.Enqueue(oldest);
            oldest = next;
        }
    }

    /// <summary>Tells every item that it will not be run, oldest first. Any thread may call it, several at once too.</summary>
    public void DropAll()
    {
        for (var item = TakeAll(); item is not null; item = item.NextInInbox)
            item.Dropped();
    }

    private InboxItem? TakeAll()
    {
        var newest = Interlocked.Exchange(ref _newest, null);
        InboxItem? oldest = null;
        while (newest is not null)
        {
            var next = newest.NextInInbox;
            newest.NextInInbox = oldest;
            oldest = newest;
            newest = next;
        }
        return oldest;
    }
}
