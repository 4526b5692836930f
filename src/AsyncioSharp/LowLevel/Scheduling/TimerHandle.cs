namespace AsyncioSharp.LowLevel;

/// <summary>A callback that a loop is to run at a time (<c>asyncio.TimerHandle</c>); a <see cref="Handle"/> with a deadline.</summary>
public readonly struct TimerHandle
{
    private readonly Handle _handle;

    internal TimerHandle(Handle handle, TimeSpan when)
    {
        _handle = handle;
        When = when;
    }

    /// <summary>The deadline on the clock of <see cref="EventLoop.Time"/> (<c>TimerHandle.when()</c>).</summary>
    public TimeSpan When { get; }

    /// <inheritdoc cref="Handle.IsCanceled"/>
    public bool IsCanceled => _handle.IsCanceled;

    /// <inheritdoc cref="Handle.IsPending"/>
    public bool IsPending => _handle.IsPending;

    /// <inheritdoc cref="Handle.SourceTraceback"/>
    public IReadOnlyList<CallGraphFrame>? SourceTraceback => _handle.SourceTraceback;

    /// <summary>Keeps the callback from running; the timer leaves the loop at once (<c>TimerHandle.cancel()</c>).</summary>
    /// <returns>True if the callback was still to run.</returns>
    public bool Cancel() => _handle.Cancel();

    /// <summary>A timer handle can stand wherever a handle can.</summary>
    /// <param name="timer">The timer's handle.</param>
    public static implicit operator Handle(TimerHandle timer) => timer._handle;
}
