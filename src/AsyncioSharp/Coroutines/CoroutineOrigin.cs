using System.Diagnostics;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// Where a coroutine was made, kept in debug mode until it is awaited. One that is collected before that was forgotten:
/// its finalizer says so to <see cref="ForgottenCoroutines"/>, from where a loop takes it up.
/// </summary>
internal sealed class CoroutineOrigin
{
    private static readonly string? s_library = typeof(Coroutine).Assembly.FullName;
    private static int s_tracking;

    private readonly Type _stateMachine;
    private readonly StackTrace _stack;

    private CoroutineOrigin(Type stateMachine)
    {
        _stateMachine = stateMachine;
        // What the program called, without the library below and above it. Frames are told by their types: how many there
        // are depends on what was inlined.
        _stack = new StackTrace(new StackTrace(fNeedFileInfo: true).GetFrames().SkipWhile(IsLibrary).TakeWhile(frame => !IsLibrary(frame)));
    }

    ~CoroutineOrigin()
    {
        if (!Environment.HasShutdownStarted)
            ForgottenCoroutines.Add(this);
    }

    /// <summary>Whether coroutines are tracked: while any loop in debug mode runs.</summary>
    public static bool Tracked => s_tracking > 0;

    public string Description =>
        $"coroutine '{FrameNames.Of(_stateMachine)}' was never awaited. It was made here:{Environment.NewLine}{_stack}";

    public static void BeginTracking() => Interlocked.Increment(ref s_tracking);

    public static void EndTracking() => Interlocked.Decrement(ref s_tracking);

    public static void Track(CoroutineBox box) => box.Origin = new CoroutineOrigin(box.StateMachineType);

    /// <summary>The coroutine begins to run, or is dropped on purpose.</summary>
    public void Awaited() => GC.SuppressFinalize(this);

    private static bool IsLibrary(StackFrame frame) => DiagnosticMethodInfo.Create(frame)?.DeclaringAssemblyName == s_library;
}
