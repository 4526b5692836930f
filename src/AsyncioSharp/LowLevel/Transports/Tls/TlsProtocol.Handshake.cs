using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.LowLevel;

internal sealed partial class TlsProtocol
{
    private Future<bool>? _made;
    private TimerHandle _handshakeTimer;
    private ConfiguredTaskAwaitable.ConfiguredTaskAwaiter _handshake;

    /// <summary>Starts the handshake over a transport, whose protocol this is.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="received">What it has delivered before.</param>
    public void Begin(Transport transport, ReadOnlySpan<byte> received = default)
    {
        _carrier = transport;
        _cipher.Transport = transport;
        _handshakeTimer = _loop.CallLater(_options.HandshakeTimeout, static layer => layer.HandshakeTimedOut(), this);
        try
        {
            using var _ = new NoSynchronization();
            var task = _options.Client is { } client
                ? Ssl.AuthenticateAsClientAsync(client)
                : Ssl.AuthenticateAsServerAsync(_options.Server!);
            _handshake = task.ConfigureAwait(false).GetAwaiter();
            // What is over already would be continued on the thread pool.
            if (_handshake.IsCompleted)
                HandshakeCompleted();
            else
                _handshake.UnsafeOnCompleted(HandshakeCompleted);
        }
        catch
        {
            // The options are not in order: that is for whoever gave them.
            _handshakeTimer.Cancel();
            Ssl.Dispose();
            throw;
        }
        if (!received.IsEmpty)
            _cipher.Feed(received, _pump);
    }

    // In a turn of its own: it may be called inside TLS code that has not returned yet, and from another thread where
    // .NET's own work for a handshake takes one.
    private void HandshakeCompleted()
    {
        if (_loop.IsOnThread)
        {
            _state |= TlsState.HandshakeOver; // the peer's end may come before that turn
            _loop.CallSoon(static layer => layer.EndHandshake(), this);
        }
        else
        {
            _loop.PostOrDrop(new ThreadsafeCallback(EndHandshake, null));
        }
    }

    private void EndHandshake()
    {
        _state |= TlsState.HandshakeOver;
        _handshakeTimer.Cancel();
        try
        {
            _handshake.GetResult();
        }
        catch (Exception e)
        {
            HandshakeFailed(_failure ?? ((_state & TlsState.Closing) != 0 ? Closed() : e));
            return;
        }
        if ((_state & (TlsState.Lost | TlsState.Closing)) != 0)
        {
            HandshakeFailed(_failure ?? Closed());
            return;
        }
        _transport = new TlsTransport(this, _carrier);
        _state |= TlsState.Connected;
        var made = _made;
        _made = null;
        try
        {
            if (_tellsOfConnection)
                Application.ConnectionMade(_transport);
        }
        catch (Exception e)
        {
            if (made is null || !made.TrySetException(e))
                Report("ConnectionMade failed", e);
            Abort(e);
            return;
        }
        made?.TrySetResult(true);
        TellFlow();
        Pump();

        static IOException Closed() => new("The connection was closed during the TLS handshake.");
    }

    private void HandshakeFailed(Exception failure)
    {
        var made = _made;
        _made = null;
        if (made is null || !made.TrySetException(failure))
        {
            // Anyone can send a server nonsense, or go away: that is no failure of the program.
            if (failure is not (AuthenticationException or IOException or SocketException or TimeoutException))
                Report("TLS could not be started, and the connection is closed: the handshake failed", failure);
            else if (_loop.Debug)
                _loop.Report(LogLevel.Warning, $"The TLS handshake over {_carrier} failed.", failure, ReportKind.TlsHandshakeFailed);
        }
        Abort(failure);
        Ssl.Dispose();
    }

    private void HandshakeTimedOut() => Abort(new TimeoutException(
        $"The TLS handshake was not over within {_options.HandshakeTimeout.TotalSeconds:0.###} s; the connection is aborted."));
}
