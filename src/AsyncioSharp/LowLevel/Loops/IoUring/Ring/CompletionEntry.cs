using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>The layout of <c>struct io_uring_cqe</c>: what has become of an operation.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct CompletionEntry
{
    private const uint HasBufferFlag = 1 << 0; // IORING_CQE_F_BUFFER
    private const uint MoreFlag = 1 << 1; // IORING_CQE_F_MORE
    private const int BufferShift = 16;

    public readonly ulong UserData;

    /// <summary>The operation's result, or an error number, negated.</summary>
    public readonly int Result;

    private readonly uint _flags;

    public CompletionEntry(int result) => Result = result;

    /// <summary>Whether the operation goes on, and there will be other completions of it.</summary>
    public bool HasMore => (_flags & MoreFlag) != 0;

    /// <summary>Whether a buffer was used, which is the program's from now on.</summary>
    public bool HasBuffer => (_flags & HasBufferFlag) != 0;

    /// <summary>Which buffer.</summary>
    public int Buffer => (int)(_flags >> BufferShift);
}
