using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

internal sealed unsafe partial class IoUringRing
{
    private const uint Submissions = 256;
    private const uint Completions = 2048;
    private const long QueuesOffset = 0; // IORING_OFF_SQ_RING
    private const long EntriesOffset = 0x10000000; // IORING_OFF_SQES
    private const int ProbedOperations = 256;
    private const int ProbeHeader = 16;
    private const int ProbeEntry = 8;
    private const ushort IsSupported = 1;

    private const RingSetupFlags Basic = RingSetupFlags.CompletionQueueSize | RingSetupFlags.Clamp;
    private const RingSetupFlags Cooperative = Basic | RingSetupFlags.SubmitAll | RingSetupFlags.CooperativeTaskRun | RingSetupFlags.TaskRunFlag;
    private const RingSetupFlags Deferred = Basic | RingSetupFlags.SubmitAll | RingSetupFlags.TaskRunFlag
        | RingSetupFlags.SingleIssuer | RingSetupFlags.DeferTaskRun | RingSetupFlags.Disabled;

    // The best first. A kernel says EINVAL to what it does not know.
    private static readonly RingSetupFlags[] s_choices = [Deferred | RingSetupFlags.NoSubmissionArray, Deferred, Cooperative, Basic];

    private static readonly RingSetupFlags[] s_choicesForCalls =
        [Basic | RingSetupFlags.SubmitAll | RingSetupFlags.NoSubmissionArray, Basic | RingSetupFlags.SubmitAll, Basic];

    private IoUringRing(SafeFileHandle handle, RingSetupFlags flags)
    {
        _handle = handle;
        _descriptor = (int)handle.DangerousGetHandle(); // lives as long as the ring
        Flags = flags;
    }

    /// <summary>Makes a ring, the best that the kernel has.</summary>
    /// <param name="error">The error number, if there is none to be had.</param>
    public static IoUringRing? TryCreate(out int error) => TryCreate(s_choices, Submissions, Completions, out error);

    /// <summary>Makes a ring for operations that are done within the call that submits them, whichever thread makes it.</summary>
    /// <param name="operations">How many are submitted at once.</param>
    public static IoUringRing? TryCreateForCalls(uint operations) => TryCreate(s_choicesForCalls, operations, operations * 2, out _);

    private static IoUringRing? TryCreate(RingSetupFlags[] choices, uint submissions, uint completions, out int error)
    {
        error = Errno.ENOSYS;
        foreach (var flags in choices)
        {
            var parameters = new RingParameters { Flags = flags, CompletionEntries = completions };
            var descriptor = Libc.SetUpRing(submissions, ref parameters);
            if (descriptor < 0)
            {
                error = -descriptor;
                if (error == Errno.EINVAL)
                    continue;
                return null;
            }
            var ring = new IoUringRing(new SafeFileHandle(descriptor, ownsHandle: true), flags);
            error = (parameters.Features & RingFeatures.Needed) == RingFeatures.Needed ? ring.Map(parameters) : Errno.ENOSYS;
            if (error == 0)
                error = ring.Probe();
            if (error == 0)
                error = ring.TryEnter();
            if (error == 0)
                return ring;
            ring.Dispose();
            return null;
        }
        return null;
    }

    /// <summary>Which operations the kernel has, by their numbers.</summary>
    public bool[] Operations { get; } = new bool[ProbedOperations];

    /// <summary>Lends the kernel a ring of buffers.</summary>
    /// <returns>What the kernel says.</returns>
    public int AddBuffers(nint address, int count, ushort group)
    {
        Span<byte> argument = stackalloc byte[40]; // struct io_uring_buf_reg
        argument.Clear();
        MemoryMarshal.Write(argument, (ulong)address);
        MemoryMarshal.Write(argument[8..], (uint)count);
        MemoryMarshal.Write(argument[12..], group);
        return Libc.Register(_descriptor, RingRegistration.AddBufferRing, argument, 1);
    }

    /// <summary>Lets this thread submit, and no other.</summary>
    /// <returns>What the kernel says.</returns>
    public int Enable() => (Flags & RingSetupFlags.Disabled) == 0 ? 0 : Libc.Register(_descriptor, RingRegistration.EnableRing, default, 0);

    /// <summary>Registers the ring with this thread, which spares the kernel looking its descriptor up. The thread then holds
    /// it: see <see cref="Detach"/>.</summary>
    public void Attach()
    {
        Span<byte> argument = stackalloc byte[16]; // struct io_uring_rsrc_update
        argument.Clear();
        MemoryMarshal.Write(argument, uint.MaxValue); // any index
        MemoryMarshal.Write(argument[8..], (ulong)_descriptor);
        if (Libc.Register(_descriptor, RingRegistration.AddRingDescriptor, argument, 1) == 1)
            _registered = MemoryMarshal.Read<int>(argument);
    }

    /// <summary>Ends <see cref="Attach"/>, on the same thread.</summary>
    public void Detach()
    {
        if (_registered < 0)
            return;
        Span<byte> argument = stackalloc byte[16];
        argument.Clear();
        MemoryMarshal.Write(argument, _registered);
        _ = Libc.Register(_descriptor, RingRegistration.RemoveRingDescriptor, argument, 1);
        _registered = -1;
    }

    // The error number, or 0. A sandbox may allow a ring to be made and nothing to be done with it.
    private int Probe()
    {
        var bytes = new byte[ProbeHeader + ProbedOperations * ProbeEntry];
        var result = Libc.Register(_descriptor, RingRegistration.Probe, bytes, ProbedOperations);
        if (result < 0)
            return result is -Errno.EPERM or -Errno.ENOSYS ? -result : 0; // otherwise the kernel knows no such question
        for (var i = 0; i < bytes[1]; i++)
        {
            var entry = bytes.AsSpan(ProbeHeader + i * ProbeEntry, ProbeEntry);
            Operations[entry[0]] = (MemoryMarshal.Read<ushort>(entry[2..]) & IsSupported) != 0;
        }
        return 0;
    }

    // The error number, or 0. Nothing is submitted, and a ring that is not enabled yet refuses even that, with an error of its own:
    // only a sandbox that forbids the call altogether matters, as a loop that is running then could only fail.
    private int TryEnter() =>
        Libc.Enter(_descriptor, 0, 0, RingEnterFlags.None, -1) is var result and (-Errno.EPERM or -Errno.ENOSYS or -Errno.EACCES) ? -result : 0;

    // The error number, or 0.
    private int Map(in RingParameters parameters)
    {
        var submission = parameters.Submission;
        var completion = parameters.Completion;
        _queuesLength = nuint.Max(
            submission.Array + parameters.SubmissionEntries * sizeof(uint),
            completion.Completions + parameters.CompletionEntries * (nuint)sizeof(CompletionEntry));
        _entriesLength = parameters.SubmissionEntries * (nuint)sizeof(SubmissionEntry);
        if ((_queues = Libc.Map(_descriptor, _queuesLength, QueuesOffset)) is null
            || (_entries = Libc.Map(_descriptor, _entriesLength, EntriesOffset)) is null)
        {
            return Marshal.GetLastSystemError();
        }
        _submissionHead = (uint*)(_queues + submission.Head);
        _submissionTail = (uint*)(_queues + submission.Tail);
        _submissionFlags = (uint*)(_queues + submission.Flags);
        _submissionMask = *(uint*)(_queues + submission.Mask);
        _completionHead = (uint*)(_queues + completion.Head);
        _completionTail = (uint*)(_queues + completion.Tail);
        _completionMask = *(uint*)(_queues + completion.Mask);
        _completions = (CompletionEntry*)(_queues + completion.Completions);
        _tail = *_submissionTail;
        _head = _known = *_completionHead;
        if ((Flags & RingSetupFlags.NoSubmissionArray) == 0)
        {
            var array = (uint*)(_queues + submission.Array);
            for (var i = 0u; i <= _submissionMask; i++)
                array[i] = i;
        }
        return 0;
    }
}
