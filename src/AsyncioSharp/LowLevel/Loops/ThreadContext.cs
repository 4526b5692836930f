using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// Tells whether a thread's execution context has changed, once after every callback. .NET's own way to ask copies it
/// through a thread-static look-up, which is a sixth of what a callback costs; so the thread's field is compared, and
/// where a runtime has no such field, it is asked in its own way.
/// </summary>
internal readonly struct ThreadContext
{
    private static readonly bool s_hasField = HasField();

    private readonly Thread _thread;
    private readonly ExecutionContext? _context;

    private ThreadContext(Thread thread, ExecutionContext? context)
    {
        _thread = thread;
        _context = context;
    }

    /// <summary>Whether the context is another one than when this was made; to be asked on the same thread.</summary>
    public bool HasChanged
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => !ReferenceEquals(s_hasField ? FieldOf(_thread) : ExecutionContext.Capture(), _context);
    }

    public static ThreadContext OfThisThread() =>
        new(Thread.CurrentThread, s_hasField ? FieldOf(Thread.CurrentThread) : ExecutionContext.Capture());

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_executionContext")]
    private static extern ref ExecutionContext? FieldOf(Thread thread);

    private static bool HasField()
    {
        try
        {
            _ = FieldOf(Thread.CurrentThread);
            return true;
        }
        catch (MissingFieldException)
        {
            return false;
        }
    }
}
