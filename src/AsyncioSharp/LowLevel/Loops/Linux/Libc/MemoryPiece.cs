using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>Where a piece of a message, or of what is read from a file, is: <c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MemoryPiece
{
    public nint Start;
    public nuint Length;
}
