using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.AspNetCore;

/// <summary>
/// What is to be sent on a connection. What is flushed within a turn of the loop leaves at its end, so that the answers to requests
/// that have come together go together.
/// </summary>
internal sealed partial class LoopPipeWriter(AsyncioConnection connection, Transport transport, int maxBuffered) : PipeWriter, IValueTaskSource<FlushResult>
{
    private readonly Lock _lock = new();
    private readonly LoopWait _wait = new(connection);
    private CancellationToken _token;
    private CancellationTokenRegistration _registration;
    private bool _cancelRequested;
    private bool _completed;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        lock (_lock)
        {
            CheckWritable();
            return Lend(sizeHint);
        }
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        lock (_lock)
            Commit(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        lock (_lock)
        {
            CheckWritable();
            if (_cancelRequested)
                return new ValueTask<FlushResult>(TakeResult());
            Flush();
            if (!HasToWait)
                return new ValueTask<FlushResult>(TakeResult());
            _wait.Begin();
            if (cancellationToken.CanBeCanceled)
            {
                _token = cancellationToken;
                _registration = cancellationToken.UnsafeRegister(static writer => ((LoopPipeWriter)writer!).OnTokenCanceled(), this);
            }
            return new ValueTask<FlushResult>(this, _wait.Version);
        }
    }

    public override void CancelPendingFlush()
    {
        bool goesOn;
        lock (_lock)
        {
            _cancelRequested = true;
            goesOn = _wait.Signal();
        }
        if (goesOn)
            _wait.Continue(inline: false);
    }

    /// <summary>What was written is still sent, and then the connection closed.</summary>
    public override void Complete(Exception? exception = null)
    {
        lock (_lock)
        {
            if (_completed)
                return;
            _completed = true;
            _flushed += _unflushed;
            _unflushed = 0;
            _isLent = false;
        }
        connection.TryPost(exception is null ? Finish : transport.Abort);
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        var registration = default(CancellationTokenRegistration);
        try
        {
            lock (_lock)
            {
                if (_wait.GetStatus(token) == ValueTaskSourceStatus.Pending)
                    throw new InvalidOperationException("The flush has not ended. Await it.");
                _wait.End();
                (registration, _registration) = (_registration, default);
                var canceled = _token;
                _token = default;
                if (canceled.IsCancellationRequested && HasToWait && !_cancelRequested)
                    throw new OperationCanceledException(canceled);
                return TakeResult();
            }
        }
        finally
        {
            registration.Dispose(); // not inside the lock: it may wait for the callback, which takes it
        }
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token)
    {
        lock (_lock)
            return _wait.GetStatus(token);
    }

    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        bool goesOn;
        lock (_lock)
            goesOn = _wait.Keep(continuation, state, token, flags);
        if (goesOn)
            _wait.Continue(inline: false);
    }

    private void OnTokenCanceled()
    {
        bool goesOn;
        lock (_lock)
            goesOn = _wait.Signal();
        if (goesOn)
            _wait.Continue(inline: false);
    }

    private void CheckWritable()
    {
        if (_completed)
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
    }

    private FlushResult TakeResult()
    {
        var canceled = _cancelRequested;
        _cancelRequested = false;
        return new FlushResult(canceled, _lost);
    }
}
