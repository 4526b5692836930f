using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

// The kernel refuses a ring that was used before: a process may put a sandbox on while its loop runs. Nothing more is told of what is in flight.
// A loop that only receives through its ring goes on without. The kernel drops what a ring has that is given back, and one that does all of its
// work in calls of the loop's has received nothing that nobody was told of. Files are another matter: for as long as it likes the kernel may read
// or write a buffer of the program's.
internal sealed partial class IoUringDriver
{
    private int _error; // 0 while the ring works

    /// <summary>Whether the ring has failed. The kernel may keep sockets open for it.</summary>
    public bool HasFailed => _error != 0;

    private bool IsRefused => _error is Errno.EPERM or Errno.EACCES or Errno.ENOSYS;

    /// <exception cref="SocketException">The ring has failed, and the loop cannot go on without it.</exception>
    public void CheckCanGoOn()
    {
        if (!HasFailed || TryGoOnWithout())
            return;
        throw Errno.Exception(_error, IsRefused
            ? "The kernel refuses io_uring while it reads or writes a file for the loop, which cannot go on. Put a sandbox that forbids io_uring on " +
                "before files are used: then the loop does without"
            : "io_uring failed");
    }

    private bool TryGoOnWithout()
    {
        if (IsGivenUp)
            return true;
        _ring.Detach();
        var mayHaveReceived = Buffers is not null && (_ring.Flags & RingSetupFlags.DeferTaskRun) == 0;
        if (!IsRefused || mayHaveReceived || KernelHoldsMemory())
            return false;
        IsGivenUp = true;
        _runs = false;
        _ring.Dispose();
        _unplaced.Clear();
        _cancels = 0;
        Decline(static _ => true);
        SubmitPostponed();
        return true;
    }

    // What was not submitted yet it does not have.
    private bool KernelHoldsMemory()
    {
        HashSet<ulong> kept = [.. _ring.Unsubmitted(), .. _unplaced.Select(static entry => entry.UserData)];
        return _operations.Any(operation => operation is { HoldsMemory: true } && !kept.Contains((ulong)operation.Slot));
    }

    private void Decline(Predicate<RingOperation> which)
    {
        for (var slot = 0; slot < _used; slot++)
        {
            if (_operations[slot] is not { } operation || !which(operation))
                continue;
            FreeSlot(slot, operation);
            operation.Declined();
        }
    }
}
