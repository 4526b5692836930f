using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// .NET's asynchronous code that was to go on on a loop that has closed. So that it ends, and nobody waits for it for ever, it goes on on the thread
/// pool: a piece at a time, and in its order, as on the loop, since it has no locks.
/// </summary>
/// <param name="loop">The loop. Until it has closed the code waits, as a closing loop still calls the program.</param>
internal sealed class CodeLeftBehind(EventLoop loop)
{
    private readonly record struct Piece(TaskSynchronizationContext? Context, SendOrPostCallback Callback, object? State);

    private readonly Lock _lock = new();
    private readonly Queue<Piece> _pieces = [];
    private bool _isUnderWay;

    /// <summary>Adds a piece.</summary>
    /// <param name="context">By which what it waits for brings it back here.</param>
    /// <param name="callback">The code, up to its next wait.</param>
    /// <param name="state">What it is called with.</param>
    public void Add(TaskSynchronizationContext? context, SendOrPostCallback callback, object? state)
    {
        lock (_lock)
        {
            _pieces.Enqueue(new Piece(context, callback, state));
            Begin();
        }
    }

    /// <summary>The loop has closed.</summary>
    public void GoOn()
    {
        lock (_lock)
            Begin();
    }

    private void Begin()
    {
        if (!loop.HasEnded || _isUnderWay || _pieces.Count == 0)
            return;
        _isUnderWay = true;
        Queue();
    }

    // Each piece is an item of the pool's, which tidies up the thread after each.
    private void Queue() => ThreadPool.UnsafeQueueUserWorkItem(static left => left.RunNext(), this, preferLocal: false);

    private void RunNext()
    {
        Piece piece;
        lock (_lock)
            piece = _pieces.Dequeue();
        try
        {
            SynchronizationContext.SetSynchronizationContext(piece.Context);
            piece.Callback(piece.State);
        }
        catch (Exception e)
        {
            loop.CallExceptionHandler(
                new ExceptionContext("Code that went on on the thread pool, as its event loop has closed, has failed.") { Exception = e });
        }
        lock (_lock)
        {
            _isUnderWay = _pieces.Count > 0;
            if (_isUnderWay)
                Queue();
        }
    }
}
