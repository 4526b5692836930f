using System.Net;
using System.Threading.Channels;
using AsyncioSharp.LowLevel;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AsyncioSharp.AspNetCore;

/// <summary>An address on which all loops listen. What they accept Kestrel takes here.</summary>
internal sealed class AsyncioConnectionListener(
    AsyncioTransportFactory factory, LoopGroup group, AsyncioTransportOptions options, MinDataRate? minDataRate, LoopMemory memory) : IConnectionListener
{
    private readonly Channel<AsyncioConnection> _accepted = Channel.CreateUnbounded<AsyncioConnection>(
        new UnboundedChannelOptions { SingleReader = true });
    private LoopGroupServer? _server;
    private bool[] _isWatched = []; // each of a loop, used on that
    private int _disposed;

    /// <summary>The loops.</summary>
    public LoopGroup Group => group;

    /// <summary>How fast a client has to take what it is sent.</summary>
    public MinDataRate? MinDataRate => minDataRate;

    public EndPoint EndPoint { get; private set; } = null!;

    public void Open(LoopGroupServer server, EndPoint asked)
    {
        _isWatched = new bool[server.Parts.Count];
        Volatile.Write(ref _server, server);
        EndPoint = asked is System.Net.Sockets.UnixDomainSocketEndPoint ? asked : server.EndPoints[0];
        using (ExecutionContext.SuppressFlow()) // what is there now is none of the loops'
        {
            for (var i = 0; i < server.Parts.Count; i++)
                WatchFromElsewhere(server.Parts[i], i);
        }
    }

    /// <summary>A connection has come from another loop; on its loop. It is to end with that, also if none was there any more and none can
    /// come but from other loops.</summary>
    public void WatchLoop(EventLoop loop)
    {
        if (Volatile.Read(ref _server) is not { } server)
            return; // all are about to be watched
        for (var i = 0; i < server.Parts.Count; i++)
        {
            if (ReferenceEquals(server.Parts[i].Loop, loop))
                Watch(server.Parts[i], i);
        }
    }

    /// <summary>Makes the protocol of a connection; called on its loop.</summary>
    public StreamProtocol MakeProtocol() => new AsyncioConnectionProtocol(this);

    /// <summary>A connection stands; on its loop. If nobody takes it any more, it ends.</summary>
    public AsyncioConnection Offer(Transport transport)
    {
        transport.SetWriteBufferLimits(options.MaxWriteBufferSize ?? int.MaxValue);
        var connection = new AsyncioConnection(EventLoop.Running, this, transport, options, memory.Pool);
        if (!_accepted.Writer.TryWrite(connection))
        {
            connection.Discard();
            transport.Abort();
        }
        return connection;
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_accepted.Reader.TryRead(out var connection))
                return connection;
        }
        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            if (_server is { } server)
                await server.CloseAsync().ConfigureAwait(false); // it takes no time; Kestrel's token only says that it is in a hurry
        }
        catch (Exception e) when (IsEndOfLoop(e))
        {
            // The loops, which the program runs itself, have ended, and the server with them.
        }
        finally
        {
            _accepted.Writer.TryComplete();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        try
        {
            await UnbindAsync().ConfigureAwait(false);
            while (_accepted.Reader.TryRead(out var connection))
            {
                connection.Abort();
                await connection.DisposeAsync().ConfigureAwait(false);
            }
            if (_server is { } server)
                await server.ShutdownAsync(TimeSpan.Zero).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEndOfLoop(e))
        {
            // As above.
        }
        finally
        {
            await factory.LeaveAsync().ConfigureAwait(false);
        }
    }

    private void WatchFromElsewhere(Server part, int place)
    {
        try
        {
            part.Loop.CallSoonThreadsafe(() => Watch(part, place));
        }
        catch (ObjectDisposedException)
        {
            // It has ended already, and has none.
        }
    }

    private void Watch(Server part, int place)
    {
        if (_isWatched[place])
            return;
        _isWatched[place] = true;
        // At once, whatever the loop's task factory would do: it could be cancelled before it waits.
        part.Loop.MakeTask(EndClientsWithLoopAsync(part, place), new TaskRequest("a listener of Kestrel's", EagerStart: true));
    }

    // A loop that ends cancels its tasks and waits for them. That of a connection ends when Kestrel has let go of it, which it does when
    // the connection has ended.
    private async Coroutine EndClientsWithLoopAsync(Server part, int place)
    {
        while (!group.HasStopped(part.Loop))
        {
            try
            {
                await part.WaitClosedAsync();
                _isWatched[place] = false;
                return;
            }
            catch (OperationCanceledException)
            {
                // It is the loop's end; or a handler has cancelled all tasks that it has found, and the connections go on, as they do while
                // the group lets them finish.
            }
        }
        part.AbortClients();
        await part.DisposeAsync(); // those that arrive now end as well
    }

    // A loop that ends by itself cancels what it was given and has begun, and drops the rest. No token was passed that could be meant.
    private static bool IsEndOfLoop(Exception e) => e is ObjectDisposedException or OperationCanceledException;
}
