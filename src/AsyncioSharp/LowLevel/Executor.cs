namespace AsyncioSharp.LowLevel;

/// <summary>Runs functions on other threads and brings their outcomes back to a loop.</summary>
internal sealed class Executor(EventLoop loop)
{
    private readonly List<Future<bool>> _idle = [];

    /// <summary>How many functions have not come back.</summary>
    public int Count { get; private set; }

    public Future<TResult> Run<TState, TResult>(
        TaskScheduler scheduler, Func<TState, CancellationToken, TResult> function, TState state, CancellationToken token)
    {
        var job = new Job<TState, TResult>(this, loop.CreateFuture<TResult>(), function, state, token);
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
        Executor owner, Future<TResult> future, Func<TState, CancellationToken, TResult> function, TState state, CancellationToken token) : InboxItem
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
            if (future.IsCompleted)
                ReportLateFailure();
            else if (_failure is null)
                future.SetResult(_result);
            else if (_failure is OperationCanceledException && token.IsCancellationRequested)
                future.Cancel();
            else
                future.SetException(_failure);
        }

        // Whoever waited was cancelled and is gone; an exception that comes now must not vanish.
        private void ReportLateFailure()
        {
            if (_failure is not null and not OperationCanceledException)
            {
                future.Loop.CallExceptionHandler(new ExceptionContext("A function in an executor failed after the wait for it was cancelled.")
                {
                    Exception = _failure,
                });
            }
        }
    }
}
