using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// Where a coroutine was made, kept in debug mode until it is awaited. One that is collected before that was forgotten:
/// its finalizer says so to <see cref="ForgottenCoroutines"/>, from where the loop takes it up.
/// </summary>
internal sealed class CoroutineOrigin
{
    private static int s_tracking;

    private readonly Type _type;
    private readonly string? _method;
    private readonly List<CallGraphFrame> _stack;
    private readonly ForgottenCoroutines _forgotten;

    private CoroutineOrigin(Type type, string? method, ForgottenCoroutines forgotten)
    {
        _type = type;
        _method = method;
        _forgotten = forgotten;
        _stack = CallStacks.Here();
    }

    ~CoroutineOrigin()
    {
        if (!Environment.HasShutdownStarted)
            _forgotten.Add(this);
    }

    /// <summary>Whether coroutines are tracked: while any loop in debug mode runs.</summary>
    public static bool Tracked => s_tracking > 0;

    public string Description =>
        $"coroutine '{(_method is null ? FrameNames.Of(_type) : FrameNames.Of(_type, _method))}' was never awaited. It was made here:{Environment.NewLine}{Origins.Text(_stack)}";

    public static void BeginTracking() => Interlocked.Increment(ref s_tracking);

    public static void EndTracking() => Interlocked.Decrement(ref s_tracking);

    public static void Track(CoroutineBox box) => box.Origin = Here(box.StateMachineType);

    /// <summary>Of a coroutine that is made here; null if the loop that runs here is not in debug mode.</summary>
    /// <param name="type">The state machine's type, or that of a method that is not compiled to one.</param>
    /// <param name="method">The method's name.</param>
    public static CoroutineOrigin? Here(Type type, string? method = null)
    {
        var loop = EventLoop.RunningOrNull;
        return loop is null || loop.Debug // another one is in debug mode, otherwise
            ? new CoroutineOrigin(type, method, loop?.ForgottenCoroutines ?? ForgottenCoroutines.Homeless)
            : null;
    }

    /// <summary>The coroutine begins to run, or is dropped on purpose.</summary>
    public void Awaited() => GC.SuppressFinalize(this);
}
