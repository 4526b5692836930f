using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>The layout of <c>struct io_uring_sqe</c>: one operation that the kernel is asked for.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct SubmissionEntry
{
    private const byte SelectsBuffer = 1 << 5; // IOSQE_BUFFER_SELECT
    private const ushort Multishot = 1 << 1; // IORING_RECV_MULTISHOT
    private const uint NoSignal = 0x4000; // MSG_NOSIGNAL
    private const uint DoNotWait = 0x40; // MSG_DONTWAIT
    private const uint CancelAll = 1 << 0 | 1 << 2; // IORING_ASYNC_CANCEL_ALL, IORING_ASYNC_CANCEL_ANY
    private const uint PollReadable = 1;
    private const uint InjectsResult = 1; // IORING_NOP_INJECT_RESULT

    public RingOpcode Opcode;
    public byte Flags;
    public ushort Priority;
    public int Descriptor;
    public ulong Offset;
    public ulong Address;
    public uint Length;
    public uint OperationFlags;
    public ulong UserData;
    public ushort BufferGroup;
    public ushort Personality;
    public int FileIndex;

    /// <summary>Receives again and again, each time into a buffer of the group.</summary>
    public static SubmissionEntry Receive(int socket, ushort bufferGroup) => new()
    {
        Opcode = RingOpcode.Receive,
        Flags = SelectsBuffer,
        Priority = Multishot,
        Descriptor = socket,
        BufferGroup = bufferGroup,
    };

    /// <summary>Sends on a socket if there is room.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="data">A piece of a pinned array.</param>
    public static unsafe SubmissionEntry Send(int socket, Span<byte> data) => new()
    {
        Opcode = RingOpcode.Send,
        Descriptor = socket,
        Address = (ulong)Unsafe.AsPointer(ref MemoryMarshal.GetReference(data)),
        Length = (uint)data.Length,
        OperationFlags = NoSignal | DoNotWait,
    };

    /// <summary>Waits until a descriptor can be read.</summary>
    public static SubmissionEntry Poll(int descriptor) => new()
    {
        Opcode = RingOpcode.PollAdd,
        Descriptor = descriptor,
        OperationFlags = BitConverter.IsLittleEndian ? PollReadable : PollReadable << 16,
    };

    /// <summary>Waits for events of an epoll instance, and fetches them.</summary>
    public static SubmissionEntry WaitEpoll(int epoll, nint events, int count) => new()
    {
        Opcode = RingOpcode.EpollWait,
        Descriptor = epoll,
        Address = (ulong)events,
        Length = (uint)count,
    };

    /// <summary>Reads from a file.</summary>
    public static SubmissionEntry Read(int file, nint buffer, int count, long offset) =>
        Transfer(RingOpcode.Read, file, buffer, count, offset);

    /// <summary>Writes to a file.</summary>
    public static SubmissionEntry Write(int file, nint buffer, int count, long offset) =>
        Transfer(RingOpcode.Write, file, buffer, count, offset);

    /// <summary>Waits until what was written to a file is on the disk.</summary>
    public static SubmissionEntry Synchronize(int file) => new()
    {
        Opcode = RingOpcode.Synchronize,
        Descriptor = file,
    };

    /// <summary>Fails with the error number that was left last: for tests.</summary>
    public static SubmissionEntry Failure() => new()
    {
        Opcode = RingOpcode.Nothing,
        Descriptor = -1,
        Length = (uint)-Marshal.GetLastSystemError(),
        OperationFlags = InjectsResult,
    };

    /// <summary>Cancels an operation.</summary>
    public static SubmissionEntry Cancel(ulong userData) => new()
    {
        Opcode = RingOpcode.Cancel,
        Descriptor = -1,
        Address = userData,
    };

    /// <summary>Cancels every operation of the ring.</summary>
    public static SubmissionEntry CancelEverything() => new()
    {
        Opcode = RingOpcode.Cancel,
        Descriptor = -1,
        OperationFlags = CancelAll,
    };

    private static SubmissionEntry Transfer(RingOpcode opcode, int file, nint buffer, int count, long offset) => new()
    {
        Opcode = opcode,
        Descriptor = file,
        Offset = (ulong)offset,
        Address = (ulong)buffer,
        Length = (uint)count,
    };
}
