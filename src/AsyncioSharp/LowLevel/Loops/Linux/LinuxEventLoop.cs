namespace AsyncioSharp.LowLevel;

/// <summary>What the loops for Linux have in common: whatever only has to be told when a descriptor is ready, which epoll does
/// best.</summary>
public abstract partial class LinuxEventLoop : EventLoop
{
    internal readonly EpollPoller Poller;

    /// <param name="owned">What the derived class has made before; disposed of if this fails, as then nobody else can.</param>
    private protected LinuxEventLoop(IDisposable? owned = null)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException($"{GetType().Name} is for Linux. EventLoop.New makes the loop that suits this system.");
        try
        {
            Poller = new EpollPoller(this);
        }
        catch
        {
            owned?.Dispose();
            throw;
        }
    }

    private protected override bool HasWatched => Poller.HasWatched;

    internal override void WaitElsewhere(long timeout) => Poller.WaitForEvents(timeout);

    private protected override void TakeEvents() => Poller.TakeEvents();

    private protected override void WakeUp() => Poller.WakeUp();

    private protected override void CloseBackend() => Poller.Dispose();
}
