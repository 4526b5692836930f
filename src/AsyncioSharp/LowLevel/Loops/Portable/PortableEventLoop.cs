namespace AsyncioSharp.LowLevel;

/// <summary>
/// The loop for every system, over <see cref="System.Net.Sockets"/>: that of Windows and macOS. Sockets tell .NET's threads
/// what happened, and these tell the loop.
/// </summary>
public sealed partial class PortableEventLoop : EventLoop
{
    // Everything that holds a socket or pipe open; by the socket, where it belongs to nobody else.
    private readonly Dictionary<object, ISocketOwner> _owners = [];

    private readonly ManualResetEventSlim _wakeUp = new(initialState: false, spinCount: 0);

    /// <summary>It holds a socket or pipe open.</summary>
    /// <exception cref="InvalidOperationException">The socket belongs to another.</exception>
    internal void Add(ISocketOwner owner)
    {
        if (!_owners.TryAdd(owner.Owned ?? (object)owner, owner))
            throw new InvalidOperationException("The socket belongs to a transport already.");
    }

    /// <summary>It holds nothing open any more.</summary>
    internal void Remove(ISocketOwner owner) => _owners.Remove(owner.Owned ?? (object)owner);

    internal override void WaitElsewhere(long timeout) => Poll(timeout); // what happens comes through the inbox

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
        foreach (var owner in _owners.Values.ToArray())
            owner.OnLoopClosing();
        _owners.Clear();
        CloseSelector();
    }
}
