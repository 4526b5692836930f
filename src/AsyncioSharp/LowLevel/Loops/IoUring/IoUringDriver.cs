using System.Diagnostics;

namespace AsyncioSharp.LowLevel;

/// <summary>Submits a loop's operations, and hands out what becomes of them.</summary>
/// <remarks>
/// Operations are in flight only while the loop runs: at the end of a run all are called back, and awaited, on the thread that
/// submitted them. So the next run may be on another thread, to which the kernel ties a ring that is to be fast, and so is
/// nothing in flight when the loop is closed.
/// </remarks>
internal sealed partial class IoUringDriver : IDisposable
{
    private const ulong CancelData = ulong.MaxValue;
    private const int Looks = 512; // about 20 µs, with a short pause (Thread.SpinWait) after each
    private const long Patience = TimeSpan.TicksPerMillisecond * 100;

    private readonly List<RingOperation> _postponed = [];
    private readonly Queue<SubmissionEntry> _unplaced = new();
    private readonly bool[] _supported;
    private IoUringRing _ring;
    private Thread? _thread;
    private RingOperation?[] _operations = new RingOperation?[16];
    private int[] _free = [];
    private int _freeCount;
    private int _used;
    private int _inFlight;
    private int _cancels;
    private bool _runs;
    private Lookout _lookout;

    public IoUringDriver(IoUringRing ring)
    {
        _ring = ring;
        _supported = ring.Operations;
        if (!Supports(RingOpcode.SendZeroCopy))
            return; // it came with 6.0, as receiving again and again has
        Buffers = new ReceiveBuffers();
        if (Buffers.LendTo(ring) >= 0)
            return;
        Buffers.Dispose();
        Buffers = null;
    }

    /// <summary>Where received data is put; null if the kernel cannot do that.</summary>
    public ReceiveBuffers? Buffers { get; private set; }

    /// <summary>Whether the ring is used no more.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>Whether it has nothing to wait for.</summary>
    public bool IsIdle => _inFlight + _cancels == 0;

    /// <summary>Whether the kernel has an operation.</summary>
    public bool Supports(RingOpcode opcode) => _supported[(int)opcode];

    /// <summary>Hands an operation to the kernel with the loop's next poll; while the loop does not run, with its next run.</summary>
    public void Submit(RingOperation operation)
    {
        Debug.Assert(!operation.IsPending);
        operation.IsCancelRequested = false;
        if (IsGivenUp)
        {
            operation.Declined();
            return;
        }
        if (!_runs)
        {
            operation.IsPostponed = true;
            _postponed.Add(operation);
            return;
        }
        var slot = TakeSlot();
        _operations[slot] = operation;
        operation.Slot = slot;
        _inFlight++;
        var entry = operation.Entry();
        entry.UserData = (ulong)slot;
        Place(entry);
    }

    /// <summary>Has the kernel cancel an operation.</summary>
    /// <returns>Whether its last completion is still to come. If not, it was not in flight, and has ended herewith.</returns>
    public bool Cancel(RingOperation operation)
    {
        if (operation.IsPostponed)
        {
            operation.IsPostponed = false;
            _postponed.Remove(operation);
        }
        if (!operation.IsInFlight)
            return false;
        if (!operation.IsCancelRequested)
        {
            operation.IsCancelRequested = true;
            PlaceCancel(SubmissionEntry.Cancel((ulong)operation.Slot));
        }
        return true;
    }

    /// <summary>Has the kernel cancel an operation at once. Its last completion has come when this returns, unless the kernel was
    /// just doing it, or the ring has failed.</summary>
    public void CancelNow(RingOperation operation)
    {
        if (!Cancel(operation) || HasFailed)
            return;
        Enter(0);
        Collect();
        if (HasFailed)
            TryGoOnWithout();
    }

    /// <summary>The loop begins to run, on this thread.</summary>
    public void BeginRun()
    {
        if (HasFailed)
        {
            _runs = true; // the first poll says so
            return;
        }
        var thread = Thread.CurrentThread;
        var isNew = !ReferenceEquals(_thread, thread);
        if (_thread is not null && isNew && (_ring.Flags & RingSetupFlags.SingleIssuer) != 0)
            Renew();
        if (_thread is null)
            Check(_ring.Enable());
        _thread = thread;
        _ring.Attach();
        if (isNew)
            TryOut();
        _runs = true;
        SubmitPostponed();
    }

    /// <summary>The ring is used no more. The loop does not run.</summary>
    public void GiveUp()
    {
        IsGivenUp = true;
        SubmitPostponed();
    }

    /// <summary>The run ends: everything comes back.</summary>
    public void EndRun()
    {
        if (!_runs)
            return;
        _runs = false; // what is submitted from here on waits for the next run
        var asks = true;
        while (_inFlight + _cancels > 0 && !HasFailed)
        {
            if (asks && _cancels == 0)
                PlaceCancel(SubmissionEntry.CancelEverything());
            Enter(Patience);
            // Reads of a disk, for one, just end in their time. If nothing moves it is asked for again: what was being done in that
            // moment may have escaped.
            asks = !_ring.HasCompletion;
            Collect();
        }
        if (HasFailed)
            TryGoOnWithout();
        else
            _ring.Detach();
    }

    /// <summary>Submits, and collects what was completed.</summary>
    /// <param name="timeout">How long to wait for something: in ticks of 100 ns, 0 for not at all, -1 for ever.</param>
    public void Poll(long timeout)
    {
        if (_ring.HasCompletion || _lookout.IsDueBefore(timeout) && Look())
            timeout = 0;
        if (timeout != 0 || _unplaced.Count > 0 || _ring.HasUnsubmitted || _ring.HasWork)
            Enter(timeout);
        Collect();
        if (HasFailed)
            CheckCanGoOn();
    }

    /// <summary>Gives the ring back.</summary>
    public void Dispose()
    {
        foreach (var operation in _postponed)
            operation.Dropped();
        _postponed.Clear();
        _ring.Dispose();
        if (_inFlight == 0) // otherwise the ring has failed, and who knows what the kernel still does
            Buffers?.Dispose();
        Decline(static operation => !operation.HoldsMemory); // whose sockets were not closed before the kernel had let go of them
    }

    // By what the kernel writes into memory that both share, so without a call of it.
    private bool Look()
    {
        if (_unplaced.Count > 0 || _ring.HasUnsubmitted)
        {
            Enter(0);
            if (_ring.HasCompletion)
                return true; // it would not have slept either: that says nothing of looking
        }
        for (var i = 0; i < Looks; i++)
        {
            if (_ring.HasCompletion || _ring.HasWork)
            {
                _lookout.Found();
                return true;
            }
            Thread.SpinWait(1);
        }
        _lookout.FoundNothing();
        return false;
    }

    // A sandbox may hold for one thread and not for another, and tell one use of the ring from another: that is to show before anything is
    // handed to it.
    private void TryOut()
    {
        try
        {
            Check(_ring.Enter(0));
        }
        catch
        {
            _ring.Detach();
            throw;
        }
    }

    private void SubmitPostponed()
    {
        if (_postponed.Count == 0)
            return;
        var postponed = _postponed.ToArray();
        _postponed.Clear();
        foreach (var operation in postponed)
        {
            operation.IsPostponed = false;
            Submit(operation);
        }
    }

    private void Renew()
    {
        var ring = IoUringRing.TryCreate(out var error) ?? throw Errno.Exception(error, "No ring can be made for the loop to run on another thread");
        if (Buffers is not null)
        {
            var result = Buffers.LendTo(ring);
            if (result < 0)
            {
                ring.Dispose();
                throw Errno.Exception(-result, "No buffers can be given to the kernel for the loop to run on another thread");
            }
        }
        _ring.Dispose();
        _ring = ring;
        _thread = null;
    }

    private void Collect()
    {
        try
        {
            while (_ring.TryTake(out var completion))
            {
                if (completion.UserData == CancelData)
                {
                    _cancels--;
                    continue;
                }
                var slot = (int)completion.UserData;
                var operation = _operations[slot]!;
                if (!completion.HasMore)
                    FreeSlot(slot, operation);
                operation.Completed(completion);
            }
        }
        finally
        {
            _ring.ReleaseTaken();
        }
    }

    // A failure is dealt with where no operation is in the middle of something.
    private void Enter(long timeout)
    {
        if (HasFailed)
            return;
        while (_unplaced.TryPeek(out var entry) && _ring.TryAdd(entry))
            _unplaced.Dequeue();
        var result = _ring.Enter(_unplaced.Count > 0 ? 0 : timeout);
        if (IsFailure(result))
            _error = -result;
    }

    private void PlaceCancel(in SubmissionEntry cancel)
    {
        var entry = cancel;
        entry.UserData = CancelData;
        _cancels++;
        Place(entry);
    }

    private void Place(in SubmissionEntry entry)
    {
        if (_unplaced.Count == 0)
        {
            if (_ring.TryAdd(entry))
                return;
            Enter(0);
            if (_ring.TryAdd(entry))
                return;
        }
        _unplaced.Enqueue(entry);
    }

    private int TakeSlot()
    {
        if (_freeCount > 0)
            return _free[--_freeCount];
        if (_used == _operations.Length)
            Array.Resize(ref _operations, _used * 2);
        return _used++;
    }

    private void FreeSlot(int slot, RingOperation operation)
    {
        _operations[slot] = null;
        operation.Slot = -1;
        _inFlight--;
        if (_freeCount == _free.Length)
            Array.Resize(ref _free, _operations.Length);
        _free[_freeCount++] = slot;
    }

    // Of the others the loop makes nothing: it comes back with what is left of the time, and to submit what was not taken.
    private static bool IsFailure(int result) =>
        result < 0 && result is not (-Errno.EINTR or -Errno.ETIME or -Errno.EAGAIN or -Errno.EBUSY);

    private static void Check(int result)
    {
        if (IsFailure(result))
            throw Errno.Exception(-result, "io_uring failed");
    }
}
