using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>A system call that <see cref="ChildCode"/> makes, which knows the places of the fields.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SystemCall(nint number, nint first = 0, nint second = 0, nint third = 0, nint fourth = 0)
{
    public readonly nint Number = number;
    public readonly nint First = first;
    public readonly nint Second = second;
    public readonly nint Third = third;
    public readonly nint Fourth = fourth;

    /// <summary>Its error number, negated, if it failed; otherwise 0.</summary>
    public nint Failure;
}
