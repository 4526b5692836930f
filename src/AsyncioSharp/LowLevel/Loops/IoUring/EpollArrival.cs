namespace AsyncioSharp.LowLevel;

/// <summary>
/// Waits for the epoll instance of an io_uring loop, which watches whatever only has to be told when a descriptor is ready.
/// io_uring's own polls would not do: told again and again, they say what has changed and not what is, and cannot be
/// level-triggered.
/// </summary>
internal sealed class EpollArrival(EpollPoller poller, bool fetches) : RingOperation
{
    private bool _fetches = fetches; // whether the kernel brings the events along

    internal override SubmissionEntry Entry() => _fetches
        ? SubmissionEntry.WaitEpoll(poller.Descriptor, poller.EventsAddress, EpollPoller.MaxEvents)
        : SubmissionEntry.Poll(poller.Descriptor);

    internal override void Completed(in CompletionEntry completion)
    {
        if (completion.Result == -Errno.EINVAL)
            _fetches = false;
        if (completion.Result <= 0)
            return;
        if (_fetches)
            poller.Handle(completion.Result);
        else
            poller.Wait(0);
    }

    internal override void Declined() { }
}
