namespace AsyncioSharp.LowLevel;

/// <summary>The loop for Linux, over epoll.</summary>
public sealed class EpollEventLoop : EventLoop
{
    private readonly ManualResetEventSlim _wakeUp = new();

    private protected override void Poll(long timeout)
    {
        if (timeout == 0)
            return;
        if (timeout < 0)
            _wakeUp.Wait();
        else
            _wakeUp.Wait(TimeSpan.FromTicks(timeout));
        _wakeUp.Reset();
    }

    private protected override void WakeUp() => _wakeUp.Set();

    private protected override void CloseBackend() { }
}
