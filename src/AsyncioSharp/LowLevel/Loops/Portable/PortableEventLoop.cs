namespace AsyncioSharp.LowLevel;

/// <summary>
/// The loop for every system, over <see cref="System.Net.Sockets"/>: that of Windows and macOS. Sockets tell .NET's threads
/// what happened, and these tell the loop.
/// </summary>
public sealed partial class PortableEventLoop : EventLoop
{
    /// <summary>Everything that holds a socket open.</summary>
    internal readonly HashSet<ISocketOwner> Owners = [];

    private readonly ManualResetEventSlim _wakeUp = new(initialState: false, spinCount: 0);

    private protected override void Poll(long timeout)
    {
        if (timeout == 0)
            return; // what happened is in the inbox
        // A millisecond more rather than one less: waking early would make the loop spin until the deadline.
        var milliseconds = timeout < 0 ? Timeout.Infinite
            : (int)Math.Min((timeout - 1) / TimeSpan.TicksPerMillisecond + 1, int.MaxValue);
        _wakeUp.Wait(milliseconds);
        _wakeUp.Reset(); // who set it has put something into the inbox before, which the loop looks at next
    }

    private protected override void WakeUp() => _wakeUp.Set();

    private protected override void CloseBackend()
    {
        foreach (var owner in Owners.ToArray())
            owner.OnLoopClosing();
        Owners.Clear();
    }
}
