namespace AsyncioSharp.LowLevel;

/// <summary>What the loops for Linux have in common: whatever only has to be told when a descriptor is ready, which epoll does
/// best.</summary>
public abstract partial class LinuxEventLoop : EventLoop
{
    internal readonly EpollPoller Poller;

    private protected LinuxEventLoop()
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException($"{GetType().Name} is for Linux. EventLoop.New makes the loop that suits this system.");
        Poller = new EpollPoller(this);
    }

    private protected override void WakeUp() => Poller.WakeUp();

    private protected override void CloseBackend() => Poller.Dispose();
}
