using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.LowLevel;

internal sealed partial class TlsProtocol
{
    private readonly CancellationTokenSource _handshakeEnd = new(); // holds nothing to dispose of: it has no timer

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
        using (new NoSynchronization())
        {
            var task = _options.Client is { } client
                ? Ssl.AuthenticateAsClientAsync(client, _handshakeEnd.Token)
                : Ssl.AuthenticateAsServerAsync(_options.Server!, _handshakeEnd.Token);
            _handshake = task.ConfigureAwait(false).GetAwaiter();
            _handshake.UnsafeOnCompleted(HandshakeCompleted);
        }
        if (!received.IsEmpty)
            _cipher.Feed(received, _pump);
    }

    // In a turn of its own: it may be called inside TLS code that has not returned yet, and from another thread where
    // .NET's own work for a handshake takes one.
    private void HandshakeCompleted()
    {
        if (_loop.IsOnThread)
            _loop.CallSoon(static layer => layer.EndHandshake(), this);
        else if (!_loop.IsClosed)
            _loop.CallSoonThreadsafe(EndHandshake);
    }

    private void EndHandshake()
    {
        _handshakeTimer.Cancel();
        try
        {
            _handshake.GetResult();
        }
        catch (Exception e)
        {
            HandshakeFailed(_failure ?? e);
            return;
        }
        if ((_state & TlsState.Lost) != 0 || _carrier.IsClosing)
        {
            HandshakeFailed(_failure ?? new IOException("The connection was closed during the TLS handshake."));
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
        Pump();
    }

    private void HandshakeFailed(Exception failure)
    {
        var made = _made;
        _made = null;
        // Anyone can send a server nonsense: that is no failure of the program.
        if ((made is null || !made.TrySetException(failure)) && _loop.Debug)
            _loop.Report(LogLevel.Warning, $"The TLS handshake over {_carrier} failed.", failure);
        Abort(failure);
        Ssl.Dispose();
    }

    private void HandshakeTimedOut()
    {
        _failure = new TimeoutException($"The TLS handshake was not over within {_options.HandshakeTimeout.TotalSeconds:0.###} s; the connection is aborted.");
        Abort(_failure);
    }
}
