using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// A flag that tasks can wait for (<c>asyncio.Event</c>): who waits goes on when it is set, and who comes while it is set
/// does not wait at all. It can be made before a loop runs, and belongs to the first loop on which a task waits for it.
/// </summary>
public sealed class AsyncEvent
{
    private readonly ParkingLot _waiters;

    /// <summary>Makes an event.</summary>
    /// <param name="isSet">Whether it is set from the start.</param>
    public AsyncEvent(bool isSet = false)
    {
        _waiters = new ParkingLot(this);
        if (isSet)
            Set();
    }

    /// <summary>Whether it is set (<c>Event.is_set()</c>).</summary>
    public bool IsSet => _waiters.IsOpen;

    /// <summary>Sets it, and lets everybody go on who waits (<c>Event.set()</c>).</summary>
    public void Set() => _waiters.Open();

    /// <summary>Clears it: who comes from now on waits until it is set again (<c>Event.clear()</c>). Who was let go on
    /// before does go on.</summary>
    public void Clear() => _waiters.Close();

    /// <summary>Waits until it is set (<c>Event.wait()</c>). While it is set this neither suspends nor allocates.</summary>
    public Coroutine WaitAsync() => _waiters.WaitAsync();

    /// <summary>Whether it is set, and how many tasks wait.</summary>
    public override string ToString()
    {
        var state = IsSet ? "set" : "unset";
        return _waiters.Count == 0 ? $"AsyncEvent [{state}]" : $"AsyncEvent [{state}, waiters:{_waiters.Count}]";
    }
}
