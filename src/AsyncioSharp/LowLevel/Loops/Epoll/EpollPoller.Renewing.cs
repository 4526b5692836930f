namespace AsyncioSharp.LowLevel;

// A program may close a descriptor that is watched while there is another of the same file: a duplicate, or one that a child process was given.
// The kernel then goes on watching, and cannot be told to stop, as it knows what it watches by the number that is closed. If that is ready,
// waiting never waits. Such an event finds nobody, as a few others do; what comes with every poll is of that kind, and to be rid of it
// takes a new epoll instance.
internal sealed partial class EpollPoller
{
    private const int FirstPatience = 64;
    private const int MostPatience = 1 << 20;

    private int _strays; // polls in a row with an event that finds nobody
    private int _patience = FirstPatience;

    private void NoteStray()
    {
        if (++_strays < _patience)
            return;
        _strays = 0;
        _patience = TryRenew() ? FirstPatience : Math.Min(_patience * 2, MostPatience);
    }

    // Under the old number, so that whoever waits for it next waits for the new one. Nobody does just now: events of it are being handed out.
    private bool TryRenew()
    {
        var epoll = Libc.CreateEpoll();
        if (epoll < 0)
            return false;
        var isRenewed = TryFill(epoll) && Libc.Replace(_epollDescriptor, epoll) >= 0;
        _ = Libc.Close(epoll);
        return isRenewed;
    }

    private bool TryFill(int epoll)
    {
        if (AddWakeUp(epoll) < 0)
            return false;
        for (var i = 0; i < _slotsUsed; i++)
        {
            // What is closed stays in the table as if the kernel had ended its watch; of what is always ready it has none.
            if (_slots[i].Watch is { IsClosed: false } watch && Register(epoll, i, watch) is < 0 and not (-Errno.EBADF or -Errno.EPERM))
                return false;
        }
        return true;
    }
}
