using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.AspNetCore;

/// <summary>
/// What has come on a connection. The loop receives straight into its memory, and whoever waits goes on within the same turn.
/// </summary>
internal sealed partial class LoopPipeReader(AsyncioConnection connection, Transport transport, long maxBuffered) : PipeReader, IValueTaskSource<ReadResult>
{
    private const int MinSize = 4 * 1024;
    private const int MaxSize = 64 * 1024;
    private const int MinRoom = 1024;

    private readonly Lock _lock = new();
    private readonly LoopWait _wait = new(connection);
    private CancellationToken _token;
    private CancellationTokenRegistration _registration;
    private bool _begun;
    private bool _cancelRequested;
    private bool _completed;

    public override bool TryRead(out ReadResult result)
    {
        lock (_lock)
        {
            CheckReadable();
            if (!CanRead)
            {
                result = default;
                return false;
            }
            result = TakeResult();
            return true;
        }
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        lock (_lock)
        {
            CheckReadable();
            // Kestrel begins with a connection on the thread pool. With its first read it comes to the loop.
            var moves = !_begun && !connection.Loop.IsOnThread;
            _begun = true;
            if (moves && !connection.TryPost(SignalIfReadable))
                (moves, _ended) = (false, true);
            if (CanRead && !moves)
                return new ValueTask<ReadResult>(TakeResult());
            _wait.Begin();
            _wait.MovesToLoop = moves;
            if (cancellationToken.CanBeCanceled)
            {
                _token = cancellationToken;
                _registration = cancellationToken.UnsafeRegister(static reader => ((LoopPipeReader)reader!).OnTokenCanceled(), this);
            }
            return new ValueTask<ReadResult>(this, _wait.Version);
        }
    }

    public override void CancelPendingRead()
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

    public override void Complete(Exception? exception = null)
    {
        lock (_lock)
        {
            if (_completed)
                return;
            _completed = true;
            Drop();
        }
        connection.TryPost(transport.PauseReading); // nobody wants what still comes
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        var registration = default(CancellationTokenRegistration);
        try
        {
            lock (_lock)
            {
                if (_wait.GetStatus(token) == ValueTaskSourceStatus.Pending)
                    throw new InvalidOperationException("The read has not ended. Await it.");
                _wait.End();
                (registration, _registration) = (_registration, default);
                var canceled = _token;
                _token = default;
                if (canceled.IsCancellationRequested && !CanRead)
                    throw new OperationCanceledException(canceled);
                return TakeResult();
            }
        }
        finally
        {
            registration.Dispose(); // not inside the lock: it may wait for the callback, which takes it
        }
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token)
    {
        lock (_lock)
            return _wait.GetStatus(token);
    }

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
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

    private void SignalIfReadable()
    {
        bool goesOn;
        lock (_lock)
            goesOn = CanRead && _wait.Signal();
        if (goesOn)
            _wait.Continue(inline: true);
    }

    private bool CanRead => _hasNew || _ended || _cancelRequested;

    private void CheckReadable()
    {
        if (_completed)
            throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
        if (_wait.IsPending)
            throw new InvalidOperationException("The connection is being read already: one read at a time.");
    }

    private ReadResult TakeResult()
    {
        if (_failure is not null && !_cancelRequested)
            throw _failure;
        var canceled = _cancelRequested;
        _cancelRequested = false;
        return new ReadResult(Buffered, canceled, _ended);
    }
}
