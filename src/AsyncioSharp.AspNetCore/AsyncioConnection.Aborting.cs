using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using Microsoft.AspNetCore.Connections;

namespace AsyncioSharp.AspNetCore;

// Its end before Kestrel has let go of it.
internal sealed partial class AsyncioConnection
{
    private const int Finishing = 1;
    private const int Aborted = 2;

    private static readonly TimeSpan s_graceOfNone = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_untilPolled = TimeSpan.FromMilliseconds(1); // a loop that is busy looks at the network more often
    private static readonly LingerOption s_atOnce = new(enable: true, seconds: 0);

    private ConnectionAbortedException? _abortReason;
    private Handle _look;
    private int _aborted; // Finishing if its client has ended it, Aborted if Kestrel or the application has

    /// <summary>On any thread.</summary>
    /// <param name="abortReason">Why; null from Kestrel if the client has ended it. Nothing is cut off then.</param>
    public override void Abort(ConnectionAbortedException? abortReason)
    {
        if (abortReason is null)
        {
            if (Interlocked.CompareExchange(ref _aborted, Finishing, 0) == 0)
                TryPostAlways(FinishWithClient); // not inside of Kestrel's locks, as somebody may go on
        }
        else if (Interlocked.Exchange(ref _aborted, Aborted) != Aborted)
        {
            _abortReason = abortReason;
            TryPost(Reset);
        }
    }

    public override void Abort() => Abort(new ConnectionAbortedException("The connection was aborted by the application."));

    /// <summary>
    /// Ends it at once, so that its peer sees that it was cut off: to a client that reads to the end of the connection, as one of HTTP/1.0
    /// does, half an answer would look whole otherwise. On the loop.
    /// </summary>
    public void Reset()
    {
        if (_transport is not { } transport)
            return;
        try
        {
            if (transport.Socket is { } socket)
                socket.LingerState = s_atOnce;
        }
        catch (SocketException)
        {
            // Its peer was quicker: some systems say so here.
        }
        transport.Abort();
    }

    /// <summary>
    /// Closes it when what its client has said besides, as that it sends no more by TLS, was received, and dropped: of a socket that is closed
    /// with something unread, the system throws away what it has not sent yet. On the loop.
    /// </summary>
    public void CloseSoon()
    {
        if (_transport is not { } transport)
            return;
        if (Volatile.Read(ref _ended) != 0)
        {
            transport.Close(); // nothing can be unread
            return;
        }
        transport.ResumeReading();
        LookNoMore();
        _look = Loop.CallLater(s_untilPolled, static transport => transport.Close(), transport);
    }

    /// <summary>It has ended: no timer is to keep it. On the loop.</summary>
    public void LookNoMore()
    {
        _look.Cancel();
        _look = default;
    }

    // The client sends no more, and Kestrel writes no more. What was written is the client's, who may still read: it is sent, and then the
    // connection closed, as it would be when Kestrel lets go of it, which may be much later. On the loop.
    private void FinishWithClient()
    {
        Writer.SendNow();
        if (!TryFinish(out var taken))
            LookLater(taken);
    }

    // Kestrel would do so for a client that has not ended.
    private void LookLater(long taken) => _look = Loop.CallLater(
        _listener.MinDataRate?.GracePeriod ?? s_graceOfNone, static look => look.Connection.LookAfter(look.Taken), (Connection: this, Taken: taken));

    private void LookAfter(long takenBefore)
    {
        if (TryFinish(out var taken))
            return;
        if (_listener.MinDataRate is { } rate && taken - takenBefore < rate.BytesPerSecond * rate.GracePeriod.TotalSeconds)
            Reset();
        else
            LookLater(taken);
    }

    // Whether nothing is left to be sent. Whoever waits for the client goes on to write. Over TLS a long write of the application's is many of
    // Kestrel's here: one that comes when nobody waits between two of them is cut off. Kestrel's own transport cuts everything off that the system
    // has not taken by then.
    private bool TryFinish(out long taken)
    {
        taken = 0;
        if (_transport is not { } transport)
            return true;
        if (!Writer.IsWaiting)
            transport.Close();
        taken = Writer.Given - transport.WriteBufferSize;
        return transport is { IsClosing: true, WriteBufferSize: 0 };
    }
}
