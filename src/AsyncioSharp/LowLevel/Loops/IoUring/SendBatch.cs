using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>What several connections have written, to leave by one system call.</summary>
/// <remarks>
/// A client on the loop's processor that is woken by an answer gets the processor as soon as the call which has sent it returns. With a call for
/// each answer it runs after a few of them, finds those, and sleeps again; with one for many it finds them all.
/// The ring is one of its own. As sockets do not wait, what is submitted is done when the call returns: nothing stays in flight, any thread may
/// call, and the results are those of as many calls of <c>send</c>.
/// </remarks>
internal sealed class SendBatch : IDisposable
{
    private const int Most = 32;
    private const int NotTried = int.MinValue; // instead of a result

    private readonly EpollTransport?[] _transports = new EpollTransport?[Most];
    private readonly int[] _lengths = new int[Most];
    private readonly int[] _results = new int[Most];
    private IoUringRing? _ring;
    private bool _makesRing = true; // when there is first more than one connection

    /// <summary>How many connections have something in it.</summary>
    public int Count { get; private set; }

    public bool IsFull => Count == Most;

    /// <summary>Adds what a connection has written that has nothing in it yet.</summary>
    /// <returns>False if it is not of a kind that can be sent together with others, or if there is no room.</returns>
    public bool TryAdd(StreamTransport transport, int length)
    {
        if (transport is not EpollTransport socket || IsFull)
            return false;
        _transports[Count] = socket;
        _lengths[Count++] = length;
        return true;
    }

    /// <summary>How much there is of a connection.</summary>
    public int LengthOf(StreamTransport transport)
    {
        var place = PlaceOf(transport);
        return place < 0 ? 0 : _lengths[place];
    }

    /// <summary>Drops what there is of a connection.</summary>
    public void Drop(StreamTransport transport)
    {
        var place = PlaceOf(transport);
        if (place >= 0)
            _transports[place] = null;
    }

    /// <summary>Sends what there is. It calls no protocol: never is more gathered of a connection than may wait for room.</summary>
    /// <param name="data">What the connections have written, one behind the other in the order in which they were added; of a pinned array.</param>
    public void Send(Span<byte> data)
    {
        var count = Count;
        _results.AsSpan(0, count).Fill(NotTried);
        if (count > 1 && GetRing() is { } ring)
            SendTogether(ring, data, count);
        for (var i = 0; i < count; i++)
        {
            var own = data[.._lengths[i]];
            data = data[own.Length..];
            if (_transports[i] is not { } transport)
                continue;
            _transports[i] = null; // its part is over: what ends it now finds nothing of it here
            if (_results[i] == NotTried)
                transport.SendNow(own);
            else
                transport.NoteSent(_results[i], own);
        }
        Count = 0;
    }

    public void Dispose()
    {
        _makesRing = false;
        _ring?.Dispose();
        _ring = null;
    }

    private IoUringRing? GetRing()
    {
        if (_makesRing)
            _ring = IoUringRing.TryCreateForCalls(Most);
        _makesRing = false;
        return _ring;
    }

    private int PlaceOf(StreamTransport transport)
    {
        for (var i = 0; i < Count; i++)
        {
            if (ReferenceEquals(_transports[i], transport))
                return i;
        }
        return -1;
    }

    private void SendTogether(IoUringRing ring, Span<byte> data, int count)
    {
        var waiting = 0;
        for (var i = 0; i < count; i++)
        {
            var own = data[.._lengths[i]];
            data = data[own.Length..];
            if (_transports[i] is not { } transport)
                continue;
            if (Faults.Strike("send"))
            {
                _results[i] = -Marshal.GetLastSystemError();
                continue;
            }
            var entry = transport.SendEntry(own);
            entry.UserData = (ulong)i;
            if (ring.TryAdd(entry))
                waiting++;
        }
        while (waiting > 0)
        {
            var submits = ring.HasUnsubmitted;
            var result = ring.Enter(submits ? 0 : -1);
            while (ring.TryTake(out var completion))
            {
                _results[(int)completion.UserData] = completion.Result;
                waiting--;
            }
            ring.ReleaseTaken();
            if (result < (submits ? 1 : 0) && result != -Errno.EINTR)
            {
                GiveUp(ring, waiting, result);
                return;
            }
        }
    }

    // The kernel has no memory for it, or a sandbox forbids the call, which it has allowed before. What was not taken is sent one by one. Of what
    // was taken nobody knows any more whether it was sent: so these connections end.
    private void GiveUp(IoUringRing ring, int waiting, int result)
    {
        var unknown = waiting - ring.Withdraw();
        for (var i = 0; unknown > 0; i++)
        {
            if (_transports[i] is null || _results[i] != NotTried)
                continue;
            _results[i] = result < 0 ? result : -Errno.ECANCELED;
            unknown--;
        }
        if (result is not (-Errno.EAGAIN or -Errno.ENOMEM))
            Dispose();
    }
}
