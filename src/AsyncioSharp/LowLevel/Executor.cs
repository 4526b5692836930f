namespace AsyncioSharp.LowLevel;

/// <summary>Runs functions on other threads and brings their outcomes back to a loop.</summary>
internal sealed class Executor(EventLoop loop)
{
    private readonly List<Future<bool>> _idle = [];

    /// <summary>How many functions have not come back.</summary>
    public int Count { get; private set; }

    /// <param name="scheduler">Where.</param>
    /// <param name="function">The function.</param>
    /// <param name="state">Handed to the function.</param>
    /// <param name="token">Handed to the function.</param>
    /// <param name="ended">Called on the loop when the function has ended, whether or not anybody still waits for it.</param>
    public Future<TResult> Run<TState, TResult>(
        TaskScheduler scheduler, Func<TState, CancellationToken, TResult> function, TState state, CancellationToken token, Action? ended)
    {
        var job = new Job<TState, TResult>(this, new ThreadFuture<TResult>(loop), function, state, token, ended);
        Count++;
        try
        {
            _ = Task.Factory.StartNew(static job => ((Job<TState, TResult>)job!).Call(), job,
                CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
        }
        catch
        {
            CameBack(); // the scheduler refused it: nothing will come back
            throw;
        }
        return job.Future;
    }

    /// <summary>Has a future set when nothing runs any more. Several may wait for that.</summary>
    public void WhenIdle(Future<bool> idle) => _idle.Add(idle);

    private void CameBack()
    {
        if (--Count > 0)
            return;
        foreach (var idle in _idle)
            idle.TrySetResult(true); // unless its time was over first
        _idle.Clear();
    }

    private sealed class Job<TState, TResult>(
        Executor owner, Future<TResult> future, Func<TState, CancellationToken, TResult> function, TState state, CancellationToken token,
        Action? ended) : InboxItem
    {
        private TResult _result = default!;
        private Exception? _failure;

        public Future<TResult> Future => future;

        public void Call()
        {
            try
            {
                _result = function(state, token);
            }
            catch (Exception e)
            {
                _failure = e;
            }
            future.Loop.PostOrDrop(this);
        }

        internal override void Run()
        {
            owner.CameBack();
            ended?.Invoke();
            if (future.IsCompleted)
                ReportLateFailure("A function in an executor failed after the wait for it was cancelled.");
            else if (_failure is null)
                future.SetResult(_result);
            else if (_failure is OperationCanceledException && token.IsCancellationRequested)
                future.Cancel();
            else
                future.SetException(_failure);
        }

        internal override void Dropped() =>
            ReportLateFailure("A function in an executor failed, and its event loop was closed before that could be told.");

        // Whoever waited is gone; an exception that comes now must not vanish.
        private void ReportLateFailure(string text)
        {
            if (_failure is not null and not OperationCanceledException)
                future.Loop.CallExceptionHandler(new ExceptionContext(text) { Exception = _failure });
        }
    }
}
