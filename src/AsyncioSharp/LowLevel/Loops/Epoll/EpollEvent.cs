using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>The layout of <c>struct epoll_event</c>: a word of events and 64 bits of data, packed on x86 only.</summary>
internal static unsafe class EpollEvent
{
    /// <summary>Its size on any machine, at most.</summary>
    public const int MaxSize = 16;

    /// <summary>Where the data is.</summary>
    private static int DataOffset =>
        RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 4 : 8; // a constant for the compiler

    /// <summary>Its size here.</summary>
    public static int Size => DataOffset + sizeof(ulong);

    /// <param name="buffer">Room for <see cref="MaxSize"/> bytes.</param>
    /// <param name="events">The events.</param>
    /// <param name="data">The data.</param>
    public static void Write(byte* buffer, EpollEvents events, ulong data)
    {
        Unsafe.WriteUnaligned(buffer, events);
        Unsafe.WriteUnaligned(buffer + DataOffset, data);
    }

    public static EpollEvents Read(ReadOnlySpan<byte> buffer, out ulong data)
    {
        data = BitConverter.ToUInt64(buffer[DataOffset..]);
        return (EpollEvents)BitConverter.ToUInt32(buffer);
    }
}
