using System.IO.Pipelines;

namespace AsyncioSharp.AspNetCore;

/// <summary>
/// What is to be sent on a connection. What is flushed within a turn of the loop leaves at its end, so that the answers to requests
/// that have come together go together.
/// </summary>
internal sealed partial class LoopPipeWriter : PipeWriter, ILoopWaitOwner<FlushResult>
{
    private readonly AsyncioConnection _connection;
    private readonly int _maxBuffered;
    private readonly LoopWait<FlushResult> _wait;
    private readonly Lock _lock;
    private bool _completed;

    public LoopPipeWriter(AsyncioConnection connection, int maxBuffered)
    {
        (_connection, _maxBuffered) = (connection, maxBuffered);
        _wait = new LoopWait<FlushResult>(connection, this);
        _lock = _wait.Lock;
    }

    /// <summary>Whether there is nothing to be sent, and nobody writes. On the loop.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return !_wait.IsPending && _flushed == 0 && _unflushed == 0
                    && !_isLent && !_isPosted && !_inTurn && !_paused && !_completed && !_lost;
            }
        }
    }

    /// <summary>Whether somebody waits for the peer to take what was written.</summary>
    public bool IsWaiting
    {
        get
        {
            lock (_lock)
                return _wait.IsPending;
        }
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    bool ILoopWaitOwner<FlushResult>.HasOutcome => !HasToWait;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        using (ExcludeLoop())
        {
            CheckWritable();
            return Lend(sizeHint);
        }
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        using (ExcludeLoop())
            Commit(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        bool posts, hasToWait;
        var flushed = default(FlushResult);
        using (ExcludeLoop())
        {
            CheckWritable();
            if (_wait.IsPending)
                throw new InvalidOperationException("The connection is being flushed already: one flush at a time.");
            posts = Flush();
            hasToWait = HasToWait;
            if (!hasToWait)
                flushed = _wait.Take();
        }
        if (posts)
            _connection.TryPost(SendPosted);
        if (!hasToWait)
            return new ValueTask<FlushResult>(flushed);
        lock (_lock) // whoever cancels may be anywhere
        {
            return _wait.IsCancelRequested || !HasToWait ? new ValueTask<FlushResult>(_wait.Take()) : _wait.Begin(cancellationToken);
        }
    }

    public override void CancelPendingFlush() => _wait.Cancel();

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
        _connection.TryPost(exception is null ? Finish : Abort, otherwise: DropAll);
    }

    FlushResult ILoopWaitOwner<FlushResult>.TakeOutcome(bool isCanceled) => new(isCanceled, _lost);

    private LoopExclusion ExcludeLoop() => new(_connection, _lock);

    private void CheckWritable()
    {
        if (_completed)
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
    }
}
