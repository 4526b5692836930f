using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A connection between two loops: <see cref="EventLoop.DetachAsync"/> has taken it from one, and
/// <see cref="EventLoop.AttachAsync{TProtocol}"/> gives it to another, or to the same again. It can be handed from thread to
/// thread. Disposing of one that was not attached closes the connection.
/// </summary>
public sealed class DetachedConnection : IDisposable
{
    private readonly Transit.Journey? _journey;
    private Socket? _socket;

    internal DetachedConnection(Socket socket, ReadOnlyMemory<byte> received, bool endsWritten, Server? server)
    {
        _socket = socket;
        Received = received;
        EndsWritten = endsWritten;
        Server = server;
        _journey = server?.Balancer?.Transit.Begin();
    }

    /// <summary>What has come from the peer and was not taken yet. The next protocol is told of it before anything else.</summary>
    public ReadOnlyMemory<byte> Received { get; private set; }

    /// <summary>Whether this side was ended before.</summary>
    internal bool EndsWritten { get; }

    /// <summary>The server that accepted it.</summary>
    internal Server? Server { get; }

    /// <summary>Puts something before what has come.</summary>
    internal void Prepend(ReadOnlyMemory<byte> received) =>
        Received = received.IsEmpty ? Received : Received.IsEmpty ? received : (byte[])[.. received.Span, .. Received.Span];

    /// <summary>Takes the socket out.</summary>
    /// <exception cref="InvalidOperationException">It was taken.</exception>
    internal Socket Take() => Interlocked.Exchange(ref _socket, null)
        ?? throw new InvalidOperationException("This connection was attached to a loop already, or disposed of. Detach it again where it is now.");

    /// <summary>Closes the connection, if it was forgotten.</summary>
    // As by a task whose loop closes. On the portable loop something is still pending on the socket, with which .NET would keep it open for as long
    // as the peer says nothing.
    ~DetachedConnection() => Close();

    /// <summary>It is on its way no more: a loop has it, or could not take it.</summary>
    internal void EndJourney() => _journey?.End();

    /// <summary>Closes the connection, unless it was attached.</summary>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    private void Close()
    {
        if (Interlocked.Exchange(ref _socket, null) is not { } socket)
            return;
        try
        {
            socket.Shutdown(SocketShutdown.Send); // with something pending, as on the portable loop, it would be reset otherwise
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was lost, or has been finalized before.
        }
        socket.Dispose();
        EndJourney();
    }
}
