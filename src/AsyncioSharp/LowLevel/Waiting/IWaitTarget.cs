namespace AsyncioSharp.LowLevel;

/// <summary>What a parked task waits for.</summary>
internal interface IWaitTarget
{
    /// <summary>Cancels the wait; the task is parked and not yet scheduled.</summary>
    /// <returns>True if the task will be resumed with the cancellation; false if that is still to be seen to.</returns>
    bool TryCancelWait(AsyncioTask task, string? message);

    /// <summary>
    /// The task was scheduled because its wait succeeded, but is resumed with a cancellation instead: what it was handed
    /// goes to someone else.
    /// </summary>
    void Forfeit(AsyncioTask task);

    /// <summary>The task whose wait was cancelled runs now, and unwinds right after this.</summary>
    void CancellationDelivered(AsyncioTask task) { }

    /// <summary>What the task waits for, in words, for call graphs; null if the target does not know.</summary>
    string? DescribeWait(AsyncioTask task) => null;
}
