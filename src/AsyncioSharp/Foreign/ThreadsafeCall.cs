using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>A task made on a loop from another thread, with a .NET task for its outcome.</summary>
internal sealed class ThreadsafeCall<T> : InboxItem
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EventLoop _loop;
    private readonly Coroutine _coroutine;
    private readonly Func<AsyncioTask> _create;
    private readonly CancellationToken _cancellationToken;
    private readonly ExecutionContext? _context;
    private CancellationTokenRegistration _registration;
    private AsyncioTask? _task;

    private ThreadsafeCall(EventLoop loop, Coroutine coroutine, Func<AsyncioTask> create, CancellationToken cancellationToken)
    {
        _loop = loop;
        _coroutine = coroutine;
        _create = create;
        _cancellationToken = cancellationToken;
        _context = loop.OtherThanOwn(ExecutionContext.Capture());
    }

    /// <summary>Hands a call to a loop.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="coroutine">What becomes a task; nothing if it is made only then.</param>
    /// <param name="create">Makes the task.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static Task<T> Start(EventLoop loop, Coroutine coroutine, Func<AsyncioTask> create, CancellationToken cancellationToken)
    {
        if (loop.IsClosed)
            coroutine.Discard(); // refused below, and not forgotten
        loop.CheckOpen();
        var call = new ThreadsafeCall<T>(loop, coroutine, create, cancellationToken);
        loop.PostThreadsafe(call);
        return call._source.Task;
    }

    /// <summary>Hands a loop what the library itself has to do there. It begins within the turn in which it comes: a task that waited for
    /// its first turn could be cancelled by others that are waiting with it, and what was to be done would not even have begun.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="main">Makes the coroutine; called on the loop's thread.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static Task<T> StartAtOnce(EventLoop loop, Func<Coroutine<T>> main, CancellationToken cancellationToken) =>
        // Whatever the loop's task factory would do.
        Start(loop, default, () => loop.MakeTask(Asyncio.Call(main), new TaskRequest(EagerStart: true)), cancellationToken);

    /// <summary>On the loop: first to start, then again when the task has ended.</summary>
    internal override void Run()
    {
        if (_task is null)
            Begin();
        else
            End(_task);
    }

    /// <summary>The loop closed before the call could begin or end.</summary>
    internal override void Dropped()
    {
        // The token may live on, and must not hold the loop. Not Dispose: that waits for a cancellation in progress.
        _registration.Unregister();
        if (_task is { IsCompleted: true })
        {
            Answer(_task);
            return;
        }
        if (_task is null)
            _coroutine.Discard();
        _source.TrySetException(new ObjectDisposedException(
            nameof(EventLoop), "The event loop was closed before the coroutine had ended."));
    }

    private void Begin()
    {
        if (_cancellationToken.IsCancellationRequested)
        {
            _coroutine.Discard();
            _source.SetCanceled(_cancellationToken);
            return;
        }
        // The task copies the caller's context, as if it had been made there; the loop restores its own afterwards.
        if (_context is not null)
            ExecutionContext.Restore(_context);
        try
        {
            _task = _create();
        }
        catch (Exception e)
        {
            _source.SetException(e);
            throw;
        }
        _task.AddCallback(this);
        if (_cancellationToken.CanBeCanceled)
            _registration = _cancellationToken.UnsafeRegister(static call => ((ThreadsafeCall<T>)call!).CancelFromAnyThread(), this);
    }

    private void CancelFromAnyThread()
    {
        if (_loop.IsOnThread)
            _task!.Cancel();
        else if (!_loop.IsClosed)
            _loop.PostOrDrop(new ThreadsafeCallback(() => _task!.Cancel(), null));
    }

    private void End(AsyncioTask task)
    {
        _registration.Dispose();
        Answer(task);
    }

    private void Answer(AsyncioTask task)
    {
        if (task.IsCanceled)
            _source.TrySetCanceled(_cancellationToken.IsCancellationRequested ? _cancellationToken : new CancellationToken(true));
        else if (task.Exception is { } failure)
            _source.TrySetException(failure);
        else
            _source.TrySetResult(task is AsyncioTask<T> { Result: var result } ? result : default!);
    }
}
