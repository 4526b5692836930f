using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>One of several messages of a system call: <c>struct mmsghdr</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessageHeader
{
    public MessageParts Parts;

    /// <summary>How many bytes were received or sent; the kernel writes it.</summary>
    public uint Length;
}
