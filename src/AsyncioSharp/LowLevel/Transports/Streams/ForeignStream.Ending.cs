namespace AsyncioSharp.LowLevel;

// A stream may have to write when it ends, which takes its time and can fail: that is a part of what a connection sends.
internal sealed partial class ForeignStream
{
    public override void OnCompleted(StreamOperation operation, int count, Exception? failure)
    {
        if (!ReferenceEquals(operation, _ending))
            base.OnCompleted(operation, count, failure);
        else if (failure is not null)
            ForceClose(failure);
        else if (IsClosing && (State & TransportState.Lost) == 0 && TryFinish())
            Lose();
    }

    private protected override void EndSending()
    {
        _outputEnds = true;
        _ending.End(_output);
    }

    private protected override bool TryFinish()
    {
        if (_ending.IsPending)
            return false;
        if (_outputEnds && _inputEnds)
            return true;
        CancelReading();
        if (!_outputEnds)
        {
            EndSending();
        }
        else
        {
            _inputEnds = true;
            _ending.End(_input);
        }
        return false;
    }

    // Aborted, or left open by a loop that closes, it waits for nothing.
    private protected override void Release()
    {
        _loop.CallsInProgress.Remove(_loopEnd);
        base.Release();
        _ending.Dispose();
        CancelReading();
        if (!_outputEnds)
            Drop(_output);
        if (!_inputEnds)
            Drop(_input);
    }

    private void CancelReading()
    {
        try
        {
            _released.Cancel();
        }
        catch (AggregateException e)
        {
            Report(e.InnerExceptions.Count == 1 ? e.InnerException! : e);
        }
    }

    private void Drop(Stream stream)
    {
        try
        {
            var ending = stream.DisposeAsync().AsTask();
            if (ending.IsCompleted)
            {
                ending.GetAwaiter().GetResult();
            }
            else
            {
                ending.ContinueWith(DropFailed, CancellationToken.None,
                    TaskContinuationOptions.NotOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
        catch (Exception e)
        {
            Report(e);
        }
    }

    // If the loop has closed meanwhile nobody looks at the failure, and .NET reports it.
    private void DropFailed(Task ending) => _loop.PostOrDrop(new ThreadsafeCallback(
        () => Report(ending.Exception?.InnerException ?? new TaskCanceledException(ending)), null));

    private void Report(Exception exception) =>
        _loop.CallExceptionHandler(new ExceptionContext("A stream failed while it was closed.") { Exception = exception, Source = this });

    private sealed class LoopEnd(ForeignStream stream) : InboxItem
    {
        internal override void Run() { }

        internal override void Dropped() => stream.OnLoopClosing();
    }
}
