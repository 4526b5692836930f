namespace AsyncioSharp.CompilerServices;

/// <summary>
/// Where a coroutine was made, kept in debug mode until it is awaited. One that is collected before that was forgotten:
/// its finalizer says so to <see cref="ForgottenCoroutines"/>, from where a loop takes it up.
/// </summary>
internal sealed class CoroutineOrigin
{
    private static int s_tracking;

    private readonly Type _stateMachine;
    private readonly List<CallGraphFrame> _stack;

    private CoroutineOrigin(Type stateMachine)
    {
        _stateMachine = stateMachine;
        _stack = CallStacks.Here();
    }

    ~CoroutineOrigin()
    {
        if (!Environment.HasShutdownStarted)
            ForgottenCoroutines.Add(this);
    }

    /// <summary>Whether coroutines are tracked: while any loop in debug mode runs.</summary>
    public static bool Tracked => s_tracking > 0;

    public string Description =>
        $"coroutine '{FrameNames.Of(_stateMachine)}' was never awaited. It was made here:{Environment.NewLine}{Origins.Text(_stack)}";

    public static void BeginTracking() => Interlocked.Increment(ref s_tracking);

    public static void EndTracking() => Interlocked.Decrement(ref s_tracking);

    public static void Track(CoroutineBox box) => box.Origin = new CoroutineOrigin(box.StateMachineType);

    /// <summary>The coroutine begins to run, or is dropped on purpose.</summary>
    public void Awaited() => GC.SuppressFinalize(this);
}
