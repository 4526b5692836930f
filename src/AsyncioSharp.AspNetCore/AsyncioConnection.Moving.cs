using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.AspNetCore;

// Between two requests of HTTP/1, when Kestrel waits for the next and nothing of the application's runs, a connection can move to
// another loop: to the one near the processor on which the system receives it, or to the one that a handler has asked for.
internal sealed partial class AsyncioConnection
{
    // To look costs a call of the system; requests that were received together have come the same way. Twice the same, and it is more than a
    // client's thread that was elsewhere for a moment.
    private const int ReceivesPerLook = 4;

    private int _received; // how often, since the last look
    private bool _hasHandled; // a request of HTTP/1
    private EventLoop? _suggested;
    private EventLoop? _target;
    private bool _isSettled; // the application has said where it is to be
    private int _handled; // requests that the application has not answered yet
    private bool _isMovePosted;
    private int _arriving; // 1 while it is between two loops; whoever makes it 0 ends that, and nobody else
    private Queue<Posted>? _onArrival;

    public void MoveTo(EventLoop loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        if (!_listener.Group.Loops.Contains(loop))
        {
            throw new ArgumentException(
                "The loop does not carry connections of this server. Those that do are in the LoopGroup's Loops.", nameof(loop));
        }
        if (_handled == 0)
        {
            throw new InvalidOperationException(
                "A connection moves between two requests of HTTP/1: ask while one is handled, for HTTP/2 has several at a time.");
        }
        _isSettled = true;
        _target = loop;
    }

    /// <summary>Whether it is one of HTTP/1, and the application has answered the last request. (What it does in OnCompleted, or in filters
    /// before all others, is promised no loop.)</summary>
    public bool IsBetweenRequests => Volatile.Read(ref _handled) == 0 && _hasHandled;

    /// <summary>Something was received. On the loop.</summary>
    public void NoteReceive() => _received++;

    /// <summary>Kestrel waits for what comes next. On the loop.</summary>
    public void WaitsForMore()
    {
        if (_target is null || _isMovePosted)
            return;
        _isMovePosted = true;
        using (ExecutionContext.SuppressFlow()) // what the last request has left there is none of the moved connection's
            Loop.CallSoon(static connection => connection.Move(), this); // not within the turn in which that came
    }

    /// <summary>It has come to its new loop; on whose thread this is called.</summary>
    public void Arrive(Transport transport)
    {
        if (!TryClaimArrival())
        {
            transport.Abort(); // it was given up for lost meanwhile
            return;
        }
        if (_transport is { } old)
            transport.SetWriteBufferLimits(old.WriteBufferLimits.High, old.WriteBufferLimits.Low);
        _transport = transport;
        _received = 0;
        BeginTask();
        _listener.WatchLoop(Loop);
        EndArrival();
    }

    private void LookIfDue()
    {
        if (_received < ReceivesPerLook)
            return;
        _received = 0;
        if (_isSettled || _transport is not { } transport)
            return;
        var suggested = LoopGroup.SuggestLoop(transport);
        _target = ReferenceEquals(suggested, _suggested) ? suggested : null;
        _suggested = suggested;
    }

    private void Move()
    {
        _isMovePosted = false;
        if (_target is not { } target)
            return;
        if (ReferenceEquals(target, Loop) || _listener.Group.HasStopped(target)) // it would end there
            _target = null;
        else if (CanLeave && (_isSettled || MayLeave(target)))
        {
            // Whatever the loop's task factory would do: later it may not be able to leave.
            Loop.MakeTask(MoveAsync(target), new TaskRequest("a connection moves", EagerStart: true));
        }
    }

    // Others that were suggested the same may have gone there meanwhile.
    private bool MayLeave(EventLoop target)
    {
        if (ReferenceEquals(LoopGroup.SuggestLoop(_transport!), target))
            return true;
        _target = null;
        return false;
    }

    // Else it tries again when Kestrel waits for the next time.
    private bool CanLeave => IsBetweenRequests && Volatile.Read(ref _ended) == 0
        && !_listener.Group.IsStopping && Volatile.Read(ref _aborted) == 0 && Volatile.Read(ref _disposed) == 0
        && _transport is { IsClosing: false, WriteBufferSize: 0 } && Reader.IsIdle && Writer.IsIdle;

    private async Coroutine MoveAsync(EventLoop target)
    {
        _target = _suggested = null;
        DetachedConnection detached;
        try
        {
            detached = await Loop.DetachAsync(_transport!); // at once, as nothing waits to be sent
        }
        catch (SocketException)
        {
            return; // it was lost, which the protocol is told
        }
        Volatile.Write(ref _arriving, 1);
        Volatile.Write(ref _loop, target); // from now on nothing of it is touched here
        try
        {
            target.CallSoonThreadsafe(() => Follow(BeginToArrive(target, detached), detached), null,
                otherwise: () => Follow(Task.FromCanceled(new CancellationToken(true)), detached));
        }
        catch (ObjectDisposedException e)
        {
            Follow(Task.FromException(e), detached);
        }
    }

    // It begins at once, whatever the loop's task factory would do, and is shielded: what cancels all tasks of the loop means what runs
    // there, and not a connection that only waits for its next request.
    private Task BeginToArrive(EventLoop target, DetachedConnection detached) =>
        target.MakeTask(ArriveAsync(detached), new TaskRequest("a connection arrives", EagerStart: true)).AsTask();

    private async Coroutine ArriveAsync(DetachedConnection detached) =>
        await Asyncio.Shielded(async () => await Loop.AttachAsync(() => new AsyncioConnectionProtocol(this), detached));

    private void Follow(Task arriving, DetachedConnection detached) => _ = arriving.ContinueWith(static (arriving, state) =>
    {
        var (connection, detached) = ((AsyncioConnection, DetachedConnection))state!;
        detached.Dispose(); // unless it has arrived
        connection.LoseOnTheWay(arriving.Exception?.InnerException);
    }, (this, detached), CancellationToken.None, TaskContinuationOptions.NotOnRanToCompletion, TaskScheduler.Default);

    // The loop to which it was to go is closed, or cannot take it.
    private void LoseOnTheWay(Exception? exception)
    {
        if (!IsArriving)
            return;
        try
        {
            Loop.CallSoonThreadsafe(Lose, null, otherwise: Lose);
        }
        catch (ObjectDisposedException)
        {
            Lose();
        }

        void Lose()
        {
            if (IsArriving) // else it has arrived, or the loop that closes has told it
                Lost(exception ?? new IOException("The event loop to which the connection was moved has ended."));
        }
    }

    private bool IsArriving => Volatile.Read(ref _arriving) != 0;

    // Of the thread that closes the loop and the one that finds that it cannot come there, one ends it.
    private bool TryClaimArrival() => Interlocked.Exchange(ref _arriving, 0) != 0;

    private void EndArrival()
    {
        while (_onArrival?.TryDequeue(out var post) == true)
            post.RunArrived();
        _onArrival = null;
    }
}
