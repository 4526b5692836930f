using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

// What a task is doing, for people: everything is found out when it is asked for.
public abstract partial class AsyncioTask
{
    /// <summary>Its number in the process, from which it has its name if it was given none.</summary>
    public int Id => _id;

    /// <summary>The name of its coroutine, as <c>Class.Method</c> (<c>Task.get_coro()</c>); null once it has completed.</summary>
    public string? CoroutineName => CallStacks.CoroutineName(this);

    /// <summary>
    /// The frames of its coroutines, the innermost first, each with the line of the <c>await</c> at which it stands
    /// (<c>Task.get_stack()</c>). Of a task that has failed they are those of the exception; of one that has ended
    /// otherwise there are none.
    /// </summary>
    /// <param name="limit">How many at most: of a task that has not completed the innermost, of one that has failed the
    /// outermost; null for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    public IReadOnlyList<CallGraphFrame> GetStack(int? limit = null)
    {
        if (limit is { } count)
            ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(limit));
        var frames = IsFaulted ? FailureFrames.Of(PeekException()!) : CallStacks.Of(this).Frames;
        if (limit is not { } most || most >= frames.Count)
            return frames;
        return IsFaulted ? frames[^most..] : frames[..most];
    }

    /// <summary>Writes its frames, or what it failed with (<c>Task.print_stack()</c>).</summary>
    /// <param name="limit">How many frames at most; null for all.</param>
    /// <param name="writer">Where to; by default the standard error.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    public void PrintStack(int? limit = null, TextWriter? writer = null)
    {
        var frames = GetStack(limit);
        writer ??= Console.Error;
        if (frames.Count == 0)
            writer.WriteLine($"No stack for {this}");
        else
            writer.WriteLine(IsFaulted ? $"Traceback for {this} (innermost first):" : $"Stack for {this} (innermost first):");
        foreach (var frame in frames)
            writer.WriteLine($"  {frame}");
        if (IsFaulted)
            writer.WriteLine($"{PeekException()!.GetType()}: {PeekException()!.Message}");
    }

    /// <summary>The innermost frame, also for those who come when it is gone or come from another thread.</summary>
    internal CoroutineBox? InnermostFrame => IsCompleted ? null : Content as CoroutineBox;

    /// <summary>Its name, state and coroutine, and what it waits for.</summary>
    public override string ToString()
    {
        if (IsCompleted || CoroutineName is not { } coroutine)
            return base.ToString();
        var target = WaitingOn;
        var state = (Flags & FutureFlags.MustCancel) != 0 ? "pending, to be cancelled" : "pending";
        return target is null
            ? $"<{Label} {state}, {coroutine}>"
            : $"<{Label} {state}, {coroutine}, waits for {CallStacks.Describe(this, target)}>";
    }

    private protected override string WaitText => $"task '{Name}'";
}
