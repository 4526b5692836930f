using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>The arguments of clone3, as the first kernel that had it knew them (struct clone_args).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CloneArguments
{
    /// <summary>CLONE_VM: the child uses the parent's memory.</summary>
    public const ulong ShareMemory = 0x100;

    /// <summary>CLONE_VFORK: the parent stands still until the child begins another program or ends.</summary>
    public const ulong HoldParent = 0x4000;

    /// <summary>CLONE_CLEAR_SIGHAND: no handler of the parent's is the child's. Linux 5.5.</summary>
    public const ulong WithoutHandlers = 0x1_0000_0000;

    public ulong Flags;
    public ulong Pidfd;
    public ulong ChildThread;
    public ulong ParentThread;
    public ulong ExitSignal;
    public ulong Stack;
    public ulong StackSize;
    public ulong ThreadStorage;
}
