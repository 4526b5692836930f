using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>Where a message and its address are: <c>struct msghdr</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessageParts
{
    public nint Address;
    public uint AddressLength;
    public nint Pieces;
    public nuint PieceCount;
    public nint Control;
    public nuint ControlLength;
    public int Flags;
}
