using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// What listens for connections (<c>asyncio.Server</c>). To end in an orderly way: <see cref="ShutdownAsync"/>, or step by
/// step <see cref="Close"/>, so that nobody new comes; let the connections finish, or ask them to with
/// <see cref="CloseClients"/>; await <see cref="WaitClosedAsync"/>; and <see cref="AbortClients"/> for those that take too
/// long. <c>await using</c> closes, asks and waits.
/// </summary>
public sealed partial class Server : IAsyncDisposable
{
    private readonly HashSet<Transport> _clients = [];
    private readonly ServerOptions _options;
    private readonly ParkingLot _closed;
    private List<Listener>? _listeners;
    private Future<bool>? _forever;
    private ExecutionContext? _context; // in which it was started, and connections begin; null for the loop's own

    internal Server(EventLoop loop, ServerOptions options)
    {
        Loop = loop;
        _options = options;
        _closed = new ParkingLot(this, "the end of ");
    }

    /// <summary>Its loop (<c>Server.get_loop()</c>).</summary>
    public EventLoop Loop { get; }

    /// <summary>The listening sockets (<c>Server.sockets</c>); none once it is closed. They are the server's: do not
    /// accept on them.</summary>
    public IReadOnlyList<Socket> Sockets => _listeners?.ConvertAll(static listener => listener.Socket) ?? [];

    /// <summary>Whether it accepts connections (<c>Server.is_serving()</c>).</summary>
    public bool IsServing { get; private set; }

    /// <summary>How many connections it has.</summary>
    public int ClientCount => _clients.Count;

    /// <summary>Begins to accept; only for one made without (<c>Server.start_serving()</c>).</summary>
    /// <exception cref="InvalidOperationException">It is closed.</exception>
    public Coroutine StartServingAsync()
    {
        CheckOpen();
        return StartAsync();
    }

    /// <summary>
    /// Accepts until it is cancelled, then closes the server and its connections, and waits until these have ended
    /// (<c>Server.serve_forever()</c>). It is also cancelled when the server is closed.
    /// </summary>
    /// <remarks>A client that does not read what was written to it can hold up that wait. Where that must not be, wait for something else and
    /// end with <see cref="ShutdownAsync"/>, which sets a limit.</remarks>
    /// <exception cref="InvalidOperationException">It is closed, or served for ever already.</exception>
    public Coroutine ServeForeverAsync()
    {
        CheckNotServedForever();
        return ServeAsync();
    }

    /// <summary>Accepts no more and closes the listening sockets (<c>Server.close()</c>). Connections go on.</summary>
    public void Close()
    {
        Loop.CheckThread();
        if (_listeners is not { } listeners)
            return;
        _listeners = null;
        IsServing = false;
        LeaveOthers();
        foreach (var listener in listeners)
            listener.Close();
        _forever?.Cancel();
        if (_clients.Count == 0)
            _closed.Open();
    }

    /// <summary>Closes every connection as <see cref="BaseTransport.Close"/> does: what was written is still sent
    /// (<c>Server.close_clients()</c>).</summary>
    public void CloseClients()
    {
        foreach (var client in _clients.ToArray())
            client.GetProtocol().Close(client);
    }

    /// <summary>Ends every connection at once (<c>Server.abort_clients()</c>).</summary>
    public void AbortClients()
    {
        foreach (var client in _clients.ToArray())
            client.Abort();
    }

    /// <summary>Waits until it is closed and its last connection has ended (<c>Server.wait_closed()</c>).</summary>
    public Coroutine WaitClosedAsync() => _closed.WaitAsync();

    /// <summary>
    /// Ends in an orderly way: accepts no more, lets the connections finish until a deadline, and then ends those that are
    /// left at once.
    /// </summary>
    /// <param name="grace">How long they may take; null for as long as they like.</param>
    /// <returns>How many had to be ended.</returns>
    /// <exception cref="CanceledException">It was cancelled: the server accepts no more, and the connections that are left
    /// go on.</exception>
    public Coroutine<int> ShutdownAsync(TimeSpan? grace)
    {
        Loop.CheckThread();
        return ShutDownAsync(grace, mayBeMovedTo: false);
    }

    /// <summary>
    /// Closes the server and its connections, and waits until these have ended. What was written to them is still sent: a client
    /// that does not read can hold this up. <see cref="ShutdownAsync"/> sets a limit.
    /// </summary>
    /// <remarks>
    /// Python's <c>async with</c> waits for the connections without closing them, so that an exception can hang in it for
    /// as long as some peer likes to stay. To let them finish, await <see cref="WaitClosedAsync"/> inside the block.
    /// </remarks>
    public Coroutine DisposeAsync()
    {
        Close();
        CloseClients();
        EndsWhatMoves = true;
        return WaitClosedAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    /// <summary>Its addresses.</summary>
    public override string ToString() => $"<Server {string.Join(", ", LocalEndPoints)}>";

    /// <summary>Whether it is to end as soon as its connections have sent what was written to them, however long that takes.</summary>
    internal bool WaitsForClients => EndsWhatMoves && _clients.Count > 0;

    // Once it is closed it has no sockets, but while it has connections it matters where they came.
    private IEnumerable<EndPoint?> LocalEndPoints => _listeners is not null
        ? Sockets.Select(static socket => socket.LocalEndPoint)
        : _clients.Select(static client => client.LocalEndPoint).Distinct();

    internal void AddListeners(List<Listener> listeners) => _listeners = listeners;

    /// <summary>Whether it has as many connections as it may have.</summary>
    internal bool IsFull => _clients.Count >= _options.MaxConnections;

    internal void Attach(Transport client)
    {
        if (_listeners is null)
            _closed.Close(); // one that was on its way when the last of the others ended: who waits now waits for it, too
        _clients.Add(client);
        Balancer?.Count(this, 1);
        if (IsFull && IsServing)
            _listeners!.ForEach(static listener => listener.Stop());
    }

    internal void Detach(Transport client)
    {
        var wasFull = IsFull;
        _clients.Remove(client);
        Balancer?.Count(this, -1);
        // In a turn of its own: the context here is that of the connection which has ended, and the next ones are others'.
        if (wasFull && IsServing)
            Loop.CallSoon(static server => server.Resume(), this, _context ?? Loop.Context);
        if (_clients.Count == 0 && _listeners is null)
            _closed.Open();
    }

    private async Coroutine StartAsync()
    {
        Start();
        await Coroutine.Yield(); // so that the loop has begun to listen when this returns
    }

    private async Coroutine<int> ShutDownAsync(TimeSpan? grace, bool mayBeMovedTo)
    {
        Close();
        if (Durations.Finite(grace) is not { Ticks: <= 0 }) // without grace nothing is waited for, so that nothing can cut it off
        {
            try
            {
                await Asyncio.WaitFor(WaitClosedAsync(), grace);
                EndsWhatMoves |= !mayBeMovedTo; // not if it is cancelled: the connections go on then, also those on their way
                return 0;
            }
            catch (TimeoutException)
            {
                // Those that are left are ended at once.
            }
        }
        var left = _clients.Count;
        EndsWhatMoves = true; // before the wait: one that arrives ahead of the last one's end is waited for, too
        AbortClients();
        await WaitClosedAsync();
        return left;
    }

    private async Coroutine ServeAsync()
    {
        CheckNotServedForever(); // it may have been closed, or another be awaited, since the coroutine was made
        Start();
        _forever = Loop.CreateFuture<bool>();
        try
        {
            await _forever;
        }
        catch (CanceledException)
        {
            await DisposeAsync();
            throw;
        }
        finally
        {
            _forever = null;
        }
    }

    private void Start()
    {
        if (IsServing)
            return;
        CheckOpen();
        _context = Loop.ContextToKeep(null);
        try
        {
            foreach (var listener in _listeners!)
            {
                listener.Socket.Listen(_options.Backlog);
                listener.Start();
            }
        }
        catch
        {
            // All of its addresses or none: a caller that was told of the failure does not expect connections.
            _listeners!.ForEach(static listener => listener.Stop());
            throw;
        }
        IsServing = true;
        Balancer?.Join(this);
    }

    // A listener may have accepted a connection before it was stopped, and begin with it.
    private void Resume()
    {
        for (var i = 0; IsServing && !IsFull && i < _listeners!.Count; i++)
            _listeners[i].Resume();
    }

    // The loop restores its own after each callback.
    private void EnterContext()
    {
        if (_context is not null)
            ExecutionContext.Restore(_context);
    }

    private void CheckNotServedForever()
    {
        CheckOpen();
        if (_forever is not null)
        {
            throw new InvalidOperationException(
                "ServeForeverAsync is awaited already. A server needs it once; to wait for its end use WaitClosedAsync.");
        }
    }

    private void CheckOpen()
    {
        Loop.CheckThread();
        if (_listeners is null)
            throw new InvalidOperationException("The server is closed: it accepts no more. Make a new one.");
    }
}
