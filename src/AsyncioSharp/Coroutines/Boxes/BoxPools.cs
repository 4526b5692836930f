using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>The boxes that a loop's coroutines have left, by kind of method; for the loop's thread alone.</summary>
/// <remarks>
/// The pools of the loop that <see cref="RunningLoop"/> knows by its stack are at hand (<see cref="BoxKind{TBox}.AtHand"/>). From a loop to its pools, and on
/// to the one of a kind, there are three references to follow, each of which has to be waited for; that would be a sixth of an await. Other loops do not
/// look at the pools at hand, which change all the time on another processor.
/// </remarks>
internal sealed class BoxPools
{
    private static int s_kinds;

    private BoxPool?[] _pools = new BoxPool?[8];
    private BoxPool? _atHand; // and on by their Next: few, where a program has many kinds and runs its loop piece by piece

    /// <summary>Numbers a kind of method, once in the process.</summary>
    public static int NewKind() => Interlocked.Increment(ref s_kinds) - 1;

    /// <summary>A box of the loop that runs here; null if that has none, or none runs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBox? Rent<TBox>()
        where TBox : class =>
        !RunningLoop.IsKnownHere ? RunningLoop.OtherHere?.BoxPools.Of<TBox>().Rent()
        : BoxKind<TBox>.AtHand is { } pool ? pool.Rent()
        : RentForTheFirstTime<TBox>();

    /// <summary>Gives a box back to the loop that has run it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Return<TBox>(EventLoop loop, TBox box)
        where TBox : class => Of<TBox>(loop).Return(box);

    /// <summary>A loop's pool of a kind.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BoxPool<TBox> Of<TBox>(EventLoop loop)
        where TBox : class => RunningLoop.IsKnown(loop) && BoxKind<TBox>.AtHand is { } pool ? pool : loop.BoxPools.Of<TBox>();

    /// <summary>The loop leaves its thread, and nothing static may lead to it or to its pools; before another one can become known.</summary>
    public void PutAway()
    {
        for (; _atHand is { } pool; _atHand = pool.Next)
            pool.PutAway();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TBox? RentForTheFirstTime<TBox>()
        where TBox : class
    {
        var pools = EventLoop.Running.BoxPools;
        var pool = pools.Of<TBox>();
        pool.Next = pools._atHand;
        pools._atHand = pool;
        BoxKind<TBox>.AtHand = pool;
        return pool.Rent();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private BoxPool<TBox> Of<TBox>()
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
