using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

// What the system did not take at once.
internal abstract partial class SocketDatagramTransport
{
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(20);

    private TimerHandle _flush;
    private TimeSpan _pause;

    /// <summary>Sends what waits, until the system takes no more.</summary>
    private protected void Flush()
    {
        while (!Backlog.IsEmpty)
        {
            var error = Send(Backlog.Front.Span, Backlog.FrontRemote);
            if (error == SocketError.WouldBlock)
                break;
            if (error == SocketError.Success)
                Loop.Counters.BytesSent += Backlog.Front.Length;
            Backlog.Advance();
            if (error != SocketError.Success)
                TellError(error, "Sending");
        }
        OnSent();
    }

    /// <summary>Something of the backlog was sent: the protocol may go on, and what waited for the last one happens.</summary>
    private protected void OnSent()
    {
        _flow.ResumeIfDrained(Backlog.Size, Loop, _protocol, this); // which may send, or close
        if (Backlog.IsEmpty && IsClosing && (State & TransportState.Lost) == 0)
            Lose();
    }

    /// <summary>
    /// Tries again later, and again. The system tells nobody that the queue of a Unix socket has room, unless this one is
    /// connected to it: only of room for what was sent from here, and the queue may be full of what others have sent.
    /// </summary>
    private protected void FlushLater()
    {
        if (_pause != default)
            return;
        _pause = s_shortestPause;
        _flush = Loop.CallLater(_pause, static transport => transport.FlushNow(), this);
    }

    private void FlushNow()
    {
        var waited = Backlog.Size;
        Flush();
        if (Backlog.IsEmpty || (State & TransportState.Lost) != 0)
        {
            _pause = default;
            return;
        }
        _pause = Backlog.Size != waited ? s_shortestPause : _pause * 2 < s_longestPause ? _pause * 2 : s_longestPause;
        _flush = Loop.CallLater(_pause, static transport => transport.FlushNow(), this);
    }
}
