namespace AsyncioSharp.Stress.Traffic;

/// <summary>The loops that have a network.</summary>
public enum LoopKind
{
    Epoll,
    IoUring,
    Portable,
}
