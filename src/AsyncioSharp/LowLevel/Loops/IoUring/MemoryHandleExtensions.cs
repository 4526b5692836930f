using System.Buffers;

namespace AsyncioSharp.LowLevel;

/// <summary>What the kernel is told of memory that is pinned.</summary>
internal static unsafe class MemoryHandleExtensions
{
    /// <summary>Where it is, which holds until the handle is disposed of.</summary>
    public static nint Address(this in MemoryHandle handle) => (nint)handle.Pointer;
}
