using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>The layout of <c>struct epoll_event</c>: a word of events and 64 bits of data, packed on x86 only.</summary>
internal static class EpollEvent
{
    /// <summary>Its size on any machine, at most.</summary>
    public const int MaxSize = 16;

    /// <summary>Where the data is.</summary>
    private static readonly int s_dataOffset = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 4 : 8;

    /// <summary>Its size here.</summary>
    public static int Size => s_dataOffset + sizeof(ulong);

    public static void Write(Span<byte> buffer, EpollEvents events, ulong data)
    {
        var written = BitConverter.TryWriteBytes(buffer, (uint)events) && BitConverter.TryWriteBytes(buffer[s_dataOffset..], data);
        Debug.Assert(written);
    }

    public static EpollEvents Read(ReadOnlySpan<byte> buffer, out ulong data)
    {
        data = BitConverter.ToUInt64(buffer[s_dataOffset..]);
        return (EpollEvents)BitConverter.ToUInt32(buffer);
    }
}
