using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>A <see cref="GuestRun"/> with a result.</summary>
/// <typeparam name="T">The result's type.</typeparam>
public sealed class GuestRun<T> : GuestRun
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<GuestRun<T>>? _done;

    internal GuestRun(Func<EventLoop, AsyncioTask> main, Action<Action> runOnHost, Action<GuestRun<T>>? done, RunnerOptions? options)
        : base(main, runOnHost, options)
    {
        _done = done;
        Start();
    }

    /// <inheritdoc cref="GuestRun.Completion"/>
    public new Task<T> Completion => _completion.Task;

    private protected override Task CompletionCore => _completion.Task;

    private protected override void Complete(AsyncioTask main, Exception? failure)
    {
        if (failure is not null)
            _completion.SetException(main.IsFaulted ? [main.Exception!, failure] : [failure]);
        else if (main.IsCanceled)
            _completion.SetCanceled();
        else if (main.Exception is { } exception)
            _completion.SetException(exception);
        else
            _completion.SetResult(main is AsyncioTask<T> { Result: var result } ? result : default!);
    }

    private protected override void TellHost() => _done?.Invoke(this);
}
