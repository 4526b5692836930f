using System.Net.Security;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    /// <summary>
    /// Makes a TLS connection of one that stands, as its client (<c>loop.start_tls()</c>). Use the transport that is
    /// returned from then on, and the old one no more.
    /// </summary>
    /// <param name="transport">The plain connection.</param>
    /// <param name="protocol">Who is told what happens from now on, mostly the transport's protocol. Its
    /// <see cref="StreamProtocol.ConnectionMade"/> is not called.</param>
    /// <param name="options">How to make it; <see cref="SslClientAuthenticationOptions.TargetHost"/> is needed. They are
    /// copied; renegotiation is always refused.</param>
    /// <param name="handshakeTimeout">How long the handshake may take; 60 s by default.</param>
    /// <param name="shutdownTimeout">How long the peer has to end its side when this one closes; 30 s by default.</param>
    /// <exception cref="ArgumentException">The options lack the peer's name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time is not positive.</exception>
    /// <exception cref="InvalidOperationException">The connection is closed.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The handshake failed; the connection is closed.</exception>
    /// <exception cref="TimeoutException">It took too long; the connection is closed.</exception>
    public Coroutine<Transport> StartTlsAsync(
        Transport transport, StreamProtocol protocol, SslClientAuthenticationOptions options,
        TimeSpan? handshakeTimeout = null, TimeSpan? shutdownTimeout = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return StartTls(transport, protocol, TlsOptions.ForClient(
            options, null, handshakeTimeout, shutdownTimeout));
    }

    /// <inheritdoc cref="StartTlsAsync(Transport, StreamProtocol, SslClientAuthenticationOptions, TimeSpan?, TimeSpan?)"/>
    /// <summary>
    /// Makes a TLS connection of one that stands, as its server (<c>loop.start_tls(server_side=True)</c>). Use the transport
    /// that is returned from then on, and the old one no more.
    /// </summary>
    /// <exception cref="ArgumentException">The options lack a certificate with its private key.</exception>
    public Coroutine<Transport> StartTlsAsync(
        Transport transport, StreamProtocol protocol, SslServerAuthenticationOptions options,
        TimeSpan? handshakeTimeout = null, TimeSpan? shutdownTimeout = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return StartTls(transport, protocol, TlsOptions.ForServer(
            options, handshakeTimeout, shutdownTimeout));
    }

    /// <summary>Starts TLS on a connection that stands.</summary>
    /// <param name="transport">The connection.</param>
    /// <param name="protocol">The protocol above.</param>
    /// <param name="options">How.</param>
    /// <param name="received">What has come already and is part of the handshake.</param>
    internal Coroutine<Transport> StartTls(Transport transport, StreamProtocol protocol, TlsOptions options, byte[]? received = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(protocol);
        CheckSchedule();
        CheckStands(transport);
        return Start();

        async Coroutine<Transport> Start()
        {
            CheckStands(transport); // it may be awaited later
            var made = CreateFuture<bool>();
            var layer = new TlsProtocol(this, protocol, options, made, tellsOfConnection: false);
            transport.SetProtocol(layer);
            try
            {
                layer.Begin(transport, received);
                transport.ResumeReading(); // where it was paused so that nothing of the handshake is read before
                await made;
            }
            catch
            {
                layer.Abort(null);
                throw;
            }
            return layer.Transport;
        }
    }

    /// <exception cref="InvalidOperationException">It is closed.</exception>
    internal static void CheckStands(Transport transport)
    {
        if (transport.IsClosing)
            throw new InvalidOperationException($"{transport} is closed: TLS needs an open connection.");
    }

    /// <summary>Makes a connection, and TLS over it.</summary>
    /// <param name="factory">Makes the protocol above.</param>
    /// <param name="tls">How to make TLS.</param>
    /// <param name="connect">Makes the connection with a protocol of the kind that is given.</param>
    private async Coroutine<(Transport Transport, TProtocol Protocol)> ConnectOverTlsAsync<TProtocol>(
        Func<TProtocol> factory, TlsOptions tls, Func<Func<TlsProtocol>, Coroutine<(Transport, TlsProtocol)>> connect)
        where TProtocol : StreamProtocol
    {
        var made = CreateFuture<bool>();
        TProtocol? application = null;
        TlsProtocol layer;
        try
        {
            (_, layer) = await connect(() => new TlsProtocol(this, application = MakeProtocol(factory), tls, made));
        }
        catch
        {
            made.Cancel(); // nobody will wait for it
            throw;
        }
        try
        {
            await made;
        }
        catch
        {
            layer.Abort(null);
            throw;
        }
        return (layer.Transport, application!);
    }

    private Func<StreamProtocol> OverTls(Func<StreamProtocol> factory, ServerOptions options)
    {
        var tls = TlsOfServer(options);
        return () => new TlsProtocol(this, MakeProtocol(factory), tls, made: null);
    }

    private static TlsOptions TlsOfServer(ServerOptions options) =>
        TlsOptions.ForServer(options.Tls!, options.TlsHandshakeTimeout, options.TlsShutdownTimeout);
}
