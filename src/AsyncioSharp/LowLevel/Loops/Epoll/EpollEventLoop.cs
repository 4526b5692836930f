namespace AsyncioSharp.LowLevel;

/// <summary>The loop for Linux, over epoll.</summary>
public sealed class EpollEventLoop : LinuxEventLoop
{
    /// <summary>Makes a loop that nothing runs on yet.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public EpollEventLoop()
    {
    }

    private protected override void Poll(long timeout) => Poller.Wait(timeout);
}
