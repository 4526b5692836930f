using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// Finds the loop that runs on this thread. A thread-static field answers that too, but on most systems through a call
/// into the C library, which is a tenth of what awaiting a coroutine costs. So one loop of the process, most often the
/// only one, is found by the address of the stack.
/// </summary>
/// <remarks>
/// Why that is right: the range belongs to the stack of the thread that runs the loop, from the frame of
/// <see cref="EventLoop.RunForever"/> downwards and not beyond what is known to be stack. No other thread can have a local
/// variable in it while that frame exists, and the entry is taken back before the frame is left.
/// </remarks>
internal sealed unsafe class RunningLoop
{
    [ThreadStatic]
    private static EventLoop? t_loop;

    private static RunningLoop? s_known;

    private readonly EventLoop _loop;
    private readonly nuint _lowest;

    private RunningLoop(EventLoop loop, nuint lowest)
    {
        _loop = loop;
        _lowest = lowest;
    }

    // What TryEnsureSufficientExecutionStack promises at the least.
    private const int StackSize = 64 * 1024;

    /// <summary>The loop; null if none runs here.</summary>
    public static EventLoop? Here
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => s_known is { } known && known.IsHere ? known._loop : t_loop;
    }

    /// <summary>Whether the loop that runs here is the one that is found by its stack.</summary>
    public static bool IsKnownHere
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => s_known is { } known && known.IsHere;
    }

    /// <summary><see cref="Here"/> where <see cref="IsKnownHere"/> is false.</summary>
    public static EventLoop? OtherHere => t_loop;

    private bool IsHere
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining), SkipLocalsInit]
        get
        {
            byte local;
            return (nuint)(&local) - _lowest < StackSize;
        }
    }

    /// <summary>Whether that is the loop which runs here, and it is found by its stack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsKnown(EventLoop loop) => s_known is { } known && ReferenceEquals(known._loop, loop) && known.IsHere;

    /// <summary>The loop begins to run on this thread.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="frame">The address of a local variable of the method that runs it.</param>
    public static void Enter(EventLoop loop, void* frame)
    {
        if (s_known is null && RuntimeHelpers.TryEnsureSufficientExecutionStack())
            Interlocked.CompareExchange(ref s_known, new RunningLoop(loop, (nuint)frame - StackSize), null);
        t_loop = loop;
    }

    /// <summary>The loop does not run any more; called in the frame that entered it.</summary>
    public static void Leave()
    {
        var loop = t_loop;
        t_loop = null;
        if (s_known is { } known && ReferenceEquals(known._loop, loop))
        {
            loop!.BoxPools.PutAway();
            Volatile.Write(ref s_known, null);
        }
    }
}
