using System.IO.Pipelines;

namespace AsyncioSharp.AspNetCore;

/// <summary>
/// What has come on a connection. The loop receives straight into its memory, and whoever waits goes on within the same turn.
/// </summary>
internal sealed partial class LoopPipeReader : PipeReader, ILoopWaitOwner<ReadResult>
{
    private const int MinSize = 4 * 1024;
    private const int MaxSize = 64 * 1024;
    private const int MinRoom = 1024;

    private readonly AsyncioConnection _connection;
    private readonly long _maxUnseen;
    private readonly LoopWait<ReadResult> _wait;
    private readonly Lock _lock;
    private bool _begun;
    private bool _completed;

    public LoopPipeReader(AsyncioConnection connection, long maxUnseen)
    {
        (_connection, _maxUnseen) = (connection, maxUnseen);
        _wait = new LoopWait<ReadResult>(connection, this);
        _lock = _wait.Lock;
    }

    bool ILoopWaitOwner<ReadResult>.HasOutcome => _unseen > 0 || _ended;

    /// <summary>Whether Kestrel waits for something new, with nothing left over. On the loop.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
                return _wait.IsWaitingOnLoop && _buffered == 0 && !_ended && !_completed;
        }
    }

    private bool CanRead => _unseen > 0 || _ended || _wait.IsCancelRequested;

    public override bool TryRead(out ReadResult result)
    {
        using (ExcludeLoop())
        {
            CheckReadable();
            if (!CanRead)
            {
                result = default;
                return false;
            }
            result = _wait.Take();
            return true;
        }
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        // Kestrel is elsewhere where LoopConnectionMiddleware has not brought it here, or a callback of the application's has led it away: it comes
        // with its first read, or with one between two requests.
        var comes = !_connection.Loop.IsOnThread && (!_begun || _connection.IsBetweenRequests);
        _begun = true;
        using (ExcludeLoop())
        {
            CheckReadable();
            if (!comes && CanRead)
                return new ValueTask<ReadResult>(_wait.Take());
        }
        ValueTask<ReadResult> read;
        lock (_lock) // whoever cancels may be anywhere
        {
            if (CanRead && !comes)
                return new ValueTask<ReadResult>(_wait.Take());
            if (_connection.Loop.IsOnThread)
                _connection.WaitsForMore();
            read = _wait.Begin(cancellationToken, comes);
        }
        if (comes) // without the lock: a loop that is closing drops what it has, of other connections as well, on the thread that posts
            _connection.TryPost(Come, otherwise: EndWithLoop);
        return read;
    }

    public override void CancelPendingRead() => _wait.Cancel();

    public override void Complete(Exception? exception = null)
    {
        lock (_lock)
        {
            if (_completed)
                return;
            _completed = true;
            Drop();
        }
        _connection.TryPost(PauseReading); // nobody wants what still comes
    }

    ReadResult ILoopWaitOwner<ReadResult>.TakeOutcome(bool isCanceled)
    {
        if (_failure is not null && !isCanceled)
            throw _failure;
        return new ReadResult(Buffered, isCanceled, _ended);
    }

    private void PauseReading() => _connection.Carrier?.PauseReading();

    private void Come()
    {
        bool goesOn;
        lock (_lock)
        {
            goesOn = CanRead && _wait.Signal();
            if (!CanRead)
                _connection.WaitsForMore();
        }
        if (goesOn)
            _wait.Continue(inline: true);
    }

    private void EndWithLoop() => End(_connection.EndOfLoop(), inline: false);

    private LoopExclusion ExcludeLoop() => new(_connection, _lock);

    private void CheckReadable()
    {
        if (_completed)
            throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
        if (_wait.IsPending)
            throw new InvalidOperationException("The connection is being read already: one read at a time.");
    }
}
