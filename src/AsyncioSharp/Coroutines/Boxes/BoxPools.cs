using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>The boxes that a loop's coroutines have left, by kind of method; for the loop's thread alone.</summary>
internal sealed class BoxPools
{
    private static int s_kinds;

    private object?[] _pools = new object?[8];

    /// <summary>Numbers a kind of method, once in the process.</summary>
    public static int NewKind() => Interlocked.Increment(ref s_kinds) - 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BoxPool<TBox> Of<TBox>()
        where TBox : class
    {
        var kind = BoxKind<TBox>.Number;
        var pools = _pools;
        return (uint)kind < (uint)pools.Length && pools[kind] is { } pool ? Unsafe.As<BoxPool<TBox>>(pool) : Make<TBox>(kind);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private BoxPool<TBox> Make<TBox>(int kind)
        where TBox : class
    {
        if (kind >= _pools.Length)
            Array.Resize(ref _pools, Math.Max(kind + 1, _pools.Length * 2));
        var pool = new BoxPool<TBox>();
        _pools[kind] = pool;
        return pool;
    }
}
