using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    /// <summary>
    /// Takes a connection from this loop, so that <see cref="AttachAsync{TProtocol}"/> can give it to another. It waits until
    /// everything written was sent; cancelled meanwhile, the connection stays where it is. Its protocol is told nothing more,
    /// and what comes from now on waits in the system.
    /// </summary>
    /// <param name="transport">The connection; over a socket, and without TLS.</param>
    /// <param name="received">What its protocol has received and not used: the next one is told of it first.</param>
    /// <exception cref="InvalidOperationException">It is closed, or a file is being sent on it.</exception>
    /// <exception cref="NotSupportedException">It is none over a socket.</exception>
    /// <exception cref="SocketException">It was lost meanwhile.</exception>
    public Coroutine<DetachedConnection> DetachAsync(Transport transport, ReadOnlyMemory<byte> received = default)
    {
        ArgumentNullException.ThrowIfNull(transport);
        CheckNetwork();
        return transport.DetachAsync(received);
    }

    /// <summary>Goes on with a connection that was detached from a loop. One that a server of several loops has accepted counts as a connection
    /// of its server on this loop from now on; if that was ended with its connections meanwhile (<see cref="LoopGroupServer.ShutdownAsync"/>,
    /// <see cref="LoopGroup.StopAsync"/>), this one is aborted as soon as its protocol knows it.</summary>
    /// <typeparam name="TProtocol">The protocol's type.</typeparam>
    /// <param name="factory">Makes the protocol.</param>
    /// <param name="connection">The connection; it can be attached once.</param>
    /// <returns>The transport, and the protocol, which was told of the connection.</returns>
    /// <exception cref="InvalidOperationException">The connection was attached, or disposed of.</exception>
    /// <exception cref="NotSupportedException">This loop has no network.</exception>
    public Coroutine<(Transport Transport, TProtocol Protocol)> AttachAsync<TProtocol>(Func<TProtocol> factory, DetachedConnection connection)
        where TProtocol : StreamProtocol
    {
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentNullException.ThrowIfNull(connection);
        CheckNetwork();
        return ContinueAsync();

        async Coroutine<(Transport Transport, TProtocol Protocol)> ContinueAsync()
        {
            var server = connection.Server;
            if (server is not null && !ReferenceEquals(server.Loop, this))
                server = server.Balancer?.ServerOn(this);
            if (server is { IsServing: false, Balancer: null })
                server = null; // it has closed, and has no other part that could still end this one
            var socket = connection.Take();
            try
            {
                var started = await StartConnectionAsync(factory, socket, isOwn: true, remote: null,
                    transport => ((StreamTransport)transport).Continue(connection, server));
                if (server is { EndsWhatMoves: true })
                    started.Transport.Abort();
                return started;
            }
            finally
            {
                connection.EndJourney(); // also if nobody could be made who takes it
            }
        }
    }

    /// <summary>Goes on with a connection that a server of another loop has accepted.</summary>
    internal void StartAccepted(Socket socket, StreamProtocol protocol, Server server) =>
        ((StreamTransport)StartConnection(socket, isOwn: true, protocol, remote: null, made: null!)).Join(server); // nobody waits for it

    /// <summary>Listens as a part of a server on several loops.</summary>
    /// <param name="factory">Makes a protocol for each connection.</param>
    /// <param name="addresses">Where to listen; none to be given connections by the other parts only.</param>
    /// <param name="options">How to listen.</param>
    internal Coroutine<Server> CreateSharedServerAsync(Func<StreamProtocol> factory, IReadOnlyList<IPEndPoint> addresses, ServerOptions options)
    {
        factory = PrepareToServe(factory, 0, options);
        return ServeAsync(factory, addresses.Count == 0 ? [] : BindAll(addresses, options), options);
    }
}
