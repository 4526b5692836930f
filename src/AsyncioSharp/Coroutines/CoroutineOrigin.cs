using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// Where a coroutine was made, kept in debug mode until it is awaited. One that is collected before that was forgotten:
/// its finalizer says so to <see cref="ForgottenCoroutines"/>, from where the loop takes it up.
/// </summary>
internal sealed class CoroutineOrigin
{
    private static int s_tracking;

    private readonly Type _stateMachine;
    private readonly List<CallGraphFrame> _stack;
    private readonly ForgottenCoroutines _forgotten;

    private CoroutineOrigin(Type stateMachine, ForgottenCoroutines forgotten)
    {
        _stateMachine = stateMachine;
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
        $"coroutine '{FrameNames.Of(_stateMachine)}' was never awaited. It was made here:{Environment.NewLine}{Origins.Text(_stack)}";

    public static void BeginTracking() => Interlocked.Increment(ref s_tracking);

    public static void EndTracking() => Interlocked.Decrement(ref s_tracking);

    public static void Track(CoroutineBox box)
    {
        var loop = EventLoop.RunningOrNull;
        if (loop is null || loop.Debug) // another one is in debug mode, otherwise
            box.Origin = new CoroutineOrigin(box.StateMachineType, loop?.ForgottenCoroutines ?? ForgottenCoroutines.Homeless);
    }

    /// <summary>The coroutine begins to run, or is dropped on purpose.</summary>
    public void Awaited() => GC.SuppressFinalize(this);
}
