namespace AsyncioSharp.LowLevel;

/// <summary>What <see cref="Libc.ControlEpoll"/> does.</summary>
internal enum EpollOperation
{
    Add = 1,
    Remove = 2,
    Change = 3,
}
