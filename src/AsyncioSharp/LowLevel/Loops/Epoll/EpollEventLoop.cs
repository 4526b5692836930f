namespace AsyncioSharp.LowLevel;

/// <summary>The loop for Linux, over epoll.</summary>
public sealed partial class EpollEventLoop : EventLoop
{
    internal readonly EpollPoller Poller;

    /// <summary>Makes a loop that nothing runs on yet.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public EpollEventLoop()
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("epoll is Linux's. EventLoop.New makes the loop that suits this system.");
        Poller = new EpollPoller(this);
    }

    internal override void WaitElsewhere(long timeout) => Poller.WaitForEvents(timeout);

    private protected override void Poll(long timeout) => Poller.Wait(timeout);

    private protected override void TakeEvents() => Poller.TakeEvents();

    private protected override void WakeUp() => Poller.WakeUp();

    private protected override void CloseBackend() => Poller.Dispose();
}
