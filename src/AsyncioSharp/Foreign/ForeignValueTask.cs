using System.Threading.Tasks.Sources;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// A coroutine as a <see cref="ValueTask{T}"/> that .NET's code awaits. On the loop's thread that code goes on there, even
/// behind <c>ConfigureAwait(false)</c>; on another thread the coroutine is sent to the loop.
/// </summary>
internal sealed class ForeignValueTask<T> : InboxItem, IForeignCall, IValueTaskSource<T>, IValueTaskSource
{
    private readonly AsyncioTask<T> _task;
    private readonly AsyncioTask? _owner;
    private readonly CancellationToken _token;
    private readonly CancellationTokenRegistration _registration;
    private ManualResetValueTaskSourceCore<T> _core;
    private bool _isDropped;

    private ForeignValueTask(AsyncioTask<T> task, CancellationToken token)
    {
        _task = task;
        _token = token;
        // Behind ConfigureAwait(false) there is no context any more, but the current task is still whose code this is.
        _owner = (SynchronizationContext.Current as TaskSynchronizationContext)?.Task ?? task.Loop.CurrentTask;
        _owner?.AddForeignCall(this);
        if (token.CanBeCanceled)
            _registration = token.UnsafeRegister(static call => ((ForeignValueTask<T>)call!).Cancel(), this);
        task.AddCallback(this);
    }

    public static ValueTask<T> Of(Coroutine<T> coroutine, EventLoop loop, CancellationToken token)
    {
        if (token.IsCancellationRequested)
        {
            ((Coroutine)coroutine).Discard();
            return ValueTask.FromCanceled<T>(token);
        }
        if (!loop.IsOnThread)
            return new ValueTask<T>(Asyncio.RunCoroutineThreadsafe(coroutine, loop, token));
        var task = loop.CreateTask(coroutine, eagerStart: true);
        if (task.IsCompletedSuccessfully)
            return new ValueTask<T>(task.Result);
        var call = new ForeignValueTask<T>(task, token);
        return new ValueTask<T>(call, call._core.Version);
    }

    public static ValueTask Of(Coroutine coroutine, EventLoop loop, CancellationToken token)
    {
        if (token.IsCancellationRequested)
        {
            coroutine.Discard(); // and not only what would await it
            return ValueTask.FromCanceled(token);
        }
        if (!loop.IsOnThread)
            return new ValueTask(Asyncio.RunCoroutineThreadsafe(coroutine, loop, token)); // which discards it, if it comes to nothing
        var call = ForeignValueTask<VoidResult>.Of(WithResult(coroutine), loop, token);
        return call.IsCompletedSuccessfully ? default : new ValueTask(call.AsTask());

        static async Coroutine<VoidResult> WithResult(Coroutine coroutine)
        {
            await coroutine;
            return default;
        }
    }

    internal override void Run()
    {
        _registration.Dispose();
        _owner?.RemoveForeignCall(this);
        var loop = _task.Loop;
        var outer = loop.CurrentTask;
        loop.CurrentTask = _owner is { IsCompleted: false } ? _owner : null;
        try
        {
            using (new NoSynchronization())
                Complete();
        }
        finally
        {
            loop.CurrentTask = outer;
        }
    }

    /// <summary>The loop closed before the task had ended, or before this could be told.</summary>
    internal override void Dropped()
    {
        if (_isDropped)
            return; // it stands with its owner and with what it waits for
        _isDropped = true;
        _registration.Unregister();
        if (_task.IsCompleted)
            _task.MarkRetrieved(); // the await takes it, though after the loop has reported what nobody has taken
        _task.Loop.GoOnElsewhere(null, static call => ((ForeignValueTask<T>)call!).EndWithLoop(), this);
    }

    private void EndWithLoop()
    {
        if (_task.IsCompleted)
            Complete();
        else
            _core.SetException(new ObjectDisposedException(nameof(EventLoop), "The event loop was closed before the task had ended."));
    }

    Future IForeignCall.Awaited => _task;

    // It goes on without one.
    TaskSynchronizationContext? IForeignCall.Context => null;

    void IForeignCall.Tell(int request) { }

    void IForeignCall.TaskEnded() { } // what it waits for is a task, which the loop knows

    void IForeignCall.Dropped() => Dropped();

    public T GetResult(short token) => _core.GetResult(token);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Complete()
    {
        if (_task.IsCanceled)
            _core.SetException(_token.IsCancellationRequested ? new OperationCanceledException(_token) : _task.MakeCanceledException());
        else if (_task.Exception is { } failure)
            _core.SetException(failure);
        else
            _core.SetResult(_task.Result);
    }

    private void Cancel()
    {
        if (_task.Loop.IsOnThread)
            _task.Cancel();
        else if (!_task.Loop.IsClosed)
            _task.Loop.PostOrDrop(new ThreadsafeCallback(() => _task.Cancel(), null));
    }
}
