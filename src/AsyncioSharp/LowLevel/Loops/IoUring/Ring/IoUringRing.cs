using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

/// <summary>An instance of io_uring: two queues in memory that is shared with the kernel.</summary>
/// <remarks>
/// <para>What makes the pointers safe: they lead into the two mappings, which last until <see cref="Dispose"/>, at offsets that
/// the kernel gave and indexes that are masked with the queue's own mask. What submissions point to is pinned by whoever
/// submits, until the operation's last completion.</para>
/// <para>Each queue is written by one side and read by the other, and each index is written by one side only.
/// <b>Submissions:</b> the tail is stored with release, so that the kernel, which loads it with acquire, sees the entries
/// before it; the head is loaded with acquire, so that an entry is not written again before the kernel has copied it.
/// <b>Completions:</b> the tail is loaded with acquire, so that the entries before it are seen; the head is stored with release
/// when they were copied, so that the kernel does not write over what is still to be read. The submission queue's flags say
/// only whether a call is due: a stale value is as good as one read a moment earlier, and before it blocks the loop always
/// makes the call.</para>
/// </remarks>
internal sealed unsafe partial class IoUringRing : IDisposable
{
    private const uint TaskRun = 1 << 2; // IORING_SQ_TASKRUN
    private const uint CompletionsOverflown = 1 << 1; // IORING_SQ_CQ_OVERFLOW

    private readonly SafeFileHandle _handle;
    private readonly int _descriptor;
    private int _registered = -1;
    private byte* _queues;
    private nuint _queuesLength;
    private byte* _entries;
    private nuint _entriesLength;
    private uint* _submissionHead;
    private uint* _submissionTail;
    private uint* _submissionFlags;
    private uint* _completionHead;
    private uint* _completionTail;
    private CompletionEntry* _completions;
    private uint _submissionMask;
    private uint _completionMask;
    private uint _tail; // of submissions, as written so far
    private uint _head; // of completions, as read so far
    private uint _known; // the tail of completions, as seen last

    /// <summary>What it is like.</summary>
    public RingSetupFlags Flags { get; }

    /// <summary>Whether there are submissions that the kernel has not taken.</summary>
    public bool HasUnsubmitted => _tail != Volatile.Read(ref *_submissionHead);

    /// <summary>Whether there is a completion to be taken.</summary>
    public bool HasCompletion => _head != _known || _head != (_known = Volatile.Read(ref *_completionTail));

    /// <summary>Whether the kernel has something to do for this ring that only <see cref="Enter"/> lets it do.</summary>
    public bool HasWork => (Volatile.Read(ref *_submissionFlags) & (TaskRun | CompletionsOverflown)) != 0;

    /// <summary>Adds a submission.</summary>
    /// <returns>False if there is no room: submit first.</returns>
    public bool TryAdd(in SubmissionEntry entry)
    {
        if (_tail - Volatile.Read(ref *_submissionHead) > _submissionMask)
            return false;
        Unsafe.Write(_entries + (nuint)(_tail & _submissionMask) * (nuint)sizeof(SubmissionEntry), entry);
        _tail++;
        return true;
    }

    /// <summary>By what the submissions are known that the kernel has not taken.</summary>
    public List<ulong> Unsubmitted()
    {
        List<ulong> unsubmitted = [];
        for (var i = Volatile.Read(ref *_submissionHead); i != _tail; i++)
            unsubmitted.Add(Unsafe.Read<SubmissionEntry>(_entries + (nuint)(i & _submissionMask) * (nuint)sizeof(SubmissionEntry)).UserData);
        return unsubmitted;
    }

    /// <summary>Takes the oldest completion.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(out CompletionEntry completion)
    {
        if (!HasCompletion)
        {
            completion = default;
            return false;
        }
        completion = _completions[_head & _completionMask];
        _head++;
        return true;
    }

    /// <summary>Gives the places of the completions that were taken back to the kernel.</summary>
    public void ReleaseTaken() => Volatile.Write(ref *_completionHead, _head);

    /// <summary>Submits what was added, and waits for a completion.</summary>
    /// <param name="timeout">How long at most: in ticks of 100 ns, 0 for not at all, -1 for ever.</param>
    /// <returns>What the kernel says.</returns>
    public int Enter(long timeout)
    {
        Volatile.Write(ref *_submissionTail, _tail);
        var submit = _tail - Volatile.Read(ref *_submissionHead);
        var flags = RingEnterFlags.GetEvents;
        var ring = _descriptor;
        if (_registered >= 0)
        {
            ring = _registered;
            flags |= RingEnterFlags.RegisteredRing;
        }
        return timeout == 0 ? Libc.Enter(ring, submit, 0, flags, -1) : Libc.Enter(ring, submit, 1, flags, timeout);
    }

    /// <summary>Takes back what was added and the kernel has not taken.</summary>
    /// <returns>How many.</returns>
    public int Withdraw()
    {
        var head = Volatile.Read(ref *_submissionHead);
        var count = (int)(_tail - head);
        _tail = head;
        Volatile.Write(ref *_submissionTail, _tail);
        return count;
    }

    public void Dispose()
    {
        if (_entries is not null)
            Libc.Unmap(_entries, _entriesLength);
        if (_queues is not null)
            Libc.Unmap(_queues, _queuesLength);
        _entries = _queues = null;
        _handle.Dispose();
    }
}
