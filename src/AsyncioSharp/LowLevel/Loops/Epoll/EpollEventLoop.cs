namespace AsyncioSharp.LowLevel;

/// <summary>The loop for Linux, over epoll.</summary>
public sealed class EpollEventLoop : LinuxEventLoop
{
    /// <summary>Makes a loop that nothing runs on yet.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public EpollEventLoop()
    {
    }

    internal override void WaitElsewhere(long timeout) => Poller.WaitForEvents(timeout);

    private protected override bool HasWatched => Poller.HasWatched;

    private protected override void Poll(long timeout) => Poller.Wait(timeout);

    private protected override void TakeEvents() => Poller.TakeEvents();
}
