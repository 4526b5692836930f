using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

// A connection leaves its loop, and begins again on another. What the system holds moves with the socket; what was received
// before comes first.
internal abstract partial class StreamTransport
{
    private ReadOnlyMemory<byte> _early;
    private bool _resumesEarly;
    private bool? _isPeerLocal;

    internal sealed override async Coroutine<DetachedConnection> DetachAsync(ReadOnlyMemory<byte> received)
    {
        if ((State & TransportState.SendingFile) != 0)
            throw SendsFile();
        SendGathered();
        CheckNotClosing();
        // As while a file is sent: nobody writes any more, and nothing is received.
        State |= TransportState.SendingFile;
        HoldReading();
        try
        {
            while (!Backlog.IsEmpty)
                await WaitForRoomAsync();
            CheckNotLost();
            CheckNotClosing(); // meanwhile: it is to end, and its protocol to be told
            var socket = TakeSocket();
            var early = _early;
            _early = default;
            State |= TransportState.Closing | TransportState.Lost | TransportState.Finished;
            TransportLifetime.CountEnd(this);
            var connection = new DetachedConnection(socket, early, (State & TransportState.EofWritten) != 0, _server);
            _server?.Detach(this);
            connection.Prepend(received);
            return connection;
        }
        finally
        {
            EndFile();
        }
    }

    /// <summary>It was made of a connection that was detached elsewhere. Called before its first turn.</summary>
    internal void Continue(DetachedConnection connection, Server? server)
    {
        _early = connection.Received;
        if (connection.EndsWritten)
            State |= TransportState.EofWritten;
        if (server is not null)
            Join(server);
        connection.EndJourney(); // not before: whoever waits for the server's connections finds it in one place or the other
    }

    /// <summary>It is one of a server's connections. Called before its first turn.</summary>
    internal void Join(Server server)
    {
        _server = server;
        server.Attach(this);
    }

    internal sealed override EventLoop? SuggestLoop()
    {
        if (_server is not { Balancer: { } balancer, Loop.Home: { } home } server)
            return null;
        var processor = ReceivingProcessor;
        HasClientHere = processor == home.Number && IsPeerLocal;
        return balancer.ChooseBetter(server, processor)?.Loop;
    }

    /// <summary>Whether the client was seen to run on the loop's own processor: what is sent to it need not leave before the loop waits, as it
    /// cannot run any earlier.</summary>
    internal bool HasClientHere { get; private set; }

    // Over the loopback device the system receives where the client sends.
    private bool IsPeerLocal => _isPeerLocal ??= RemoteEndPoint is IPEndPoint remote
        && (IPAddress.IsLoopback(remote.Address) || LocalEndPoint is IPEndPoint local && local.Address.Equals(remote.Address));

    /// <summary>On which processor the system has received what came last; negative if it does not say.</summary>
    private protected virtual int ReceivingProcessor => -1;

    /// <summary>Ends every use of the socket, and gives it away.</summary>
    /// <exception cref="NotSupportedException">It is none, or the loop cannot.</exception>
    private protected virtual Socket TakeSocket() => throw NotMovable();

    /// <summary>The loop has received more than the protocol was told of: that moves with the socket.</summary>
    private protected void KeepEarly(ReadOnlySpan<byte> received) => _early = (byte[])[.. _early.Span, .. received];

    private void CheckNotClosing()
    {
        if (IsClosing)
            throw new InvalidOperationException("The connection is closed, or is closing: it cannot be moved.");
    }

    // The protocol was told of the connection. Whether the transport may go on to receive.
    private void DeliverEarly()
    {
        _resumesEarly = false;
        while (!_early.IsEmpty && !IsClosing && (State & TransportState.Paused) == 0)
        {
            if (Plain is { } plain)
            {
                var all = _early;
                _early = default;
                Deliver(plain, all.Span);
            }
            else if (TryGetBuffer(Buffered!, out var room))
            {
                var count = Math.Min(room.Length, _early.Length);
                _early.Span[..count].CopyTo(room);
                _early = _early[count..];
                Deliver(Buffered!, count);
            }
        }
    }

    // Reading stays paused until what is early was delivered, in a turn of its own.
    private void ResumeEarly()
    {
        if (_resumesEarly)
            return;
        _resumesEarly = true;
        Loop.CallSoon(static transport =>
        {
            if (!transport._resumesEarly)
                return; // paused again
            transport.State &= ~TransportState.Paused;
            transport.DeliverEarly();
            if ((transport.State & TransportState.NotReading) == 0)
                transport.OnReadingResumed();
        }, this);
    }
}
