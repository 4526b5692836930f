namespace AsyncioSharp.LowLevel;

/// <summary>
/// The processor near which a loop of a group stays, beside those of its clients that run there too, or for which the network's card
/// interrupts there. While all processors are busy the system leaves threads where they are, and by chance a loop may be on one and all that it
/// talks to on another: both sides then keep each other going, and others that wait for these two processors wait until the system's tick.
/// </summary>
/// <remarks>
/// The thread is not bound. It is moved back when it was taken elsewhere, and is free again at once: threads and processes that it starts would
/// inherit a binding, and where others compete for the processors the system knows better. (What is left is that the thread may run where it might
/// at that moment: it takes no part in a set of processors that grows later.)
/// </remarks>
internal sealed class HomeProcessor
{
    private const int MillisecondsAway = 10;

    // A loop that is idle does not look, so that what it heard last would count for ever.
    private const int MillisecondsRemembered = 100;

    // What mostly hears from other threads waits for them, and runs best wherever there is room when they are done.
    private const int PollsPerMessage = 8;

    private long _lookedAt;
    private int _polls;
    private int _messages;
    private bool _isKept = true;

    private HomeProcessor(int number) => Number = number;

    /// <summary>The system's number of it.</summary>
    public int Number { get; }

    /// <summary>Whether the loop goes back to it, or has had so little to do of late that it would; on any thread.</summary>
    public bool IsKept => Volatile.Read(ref _isKept) || Environment.TickCount64 - Volatile.Read(ref _lookedAt) > MillisecondsRemembered;

    /// <summary>Finds the one for a loop, on whose thread this is called.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="place">Its place in its group.</param>
    /// <param name="count">How many loops there are.</param>
    /// <returns>
    /// Null unless there is a loop for each processor. A program that has a share of all processors, as in a container, has fewer: its first
    /// processors would be those of all its neighbours too.
    /// </returns>
    public static HomeProcessor? Find(EventLoop loop, int place, int count)
    {
        if (loop is not LinuxEventLoop || count == 1) // to others everything comes from other threads
            return null;
        var allowed = Libc.AllowedProcessors();
        return allowed.Length == count ? new HomeProcessor(allowed[place]) : null;
    }

    /// <summary>The loop is about to poll: it goes back if it is away.</summary>
    /// <param name="heardFromThreads">Whether other threads have handed something in.</param>
    public void Polling(bool heardFromThreads)
    {
        _polls++;
        if (heardFromThreads)
            _messages++;
        var now = Environment.TickCount64;
        if (now - _lookedAt < MillisecondsAway)
            return;
        Volatile.Write(ref _isKept, _messages * PollsPerMessage <= _polls);
        Volatile.Write(ref _lookedAt, now);
        (_polls, _messages) = (0, 0);
        if (_isKept && Libc.CurrentProcessor() != Number)
            Libc.MoveToProcessor(Number);
    }
}
