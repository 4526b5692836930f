namespace AsyncioSharp.LowLevel;

/// <summary>
/// What a step of a loop has written to one connection in small pieces: it leaves in one when the step ends. Whoever answers many small
/// requests at once would otherwise make a system call for each, and the peer receive a packet for each.
/// </summary>
internal struct GatheredWrites
{
    // To copy this much costs a hundredth of the system call that sends it, which is as much as to pay where nothing may follow.
    private const int MaxFirst = 2 * 1024;

    private const int Size = 16 * 1024;

    private byte[]? _bytes; // from the first write on: a loop without connections needs none
    private StreamTransport? _transport;
    private int _length;

    /// <summary>Whether there is nothing.</summary>
    public readonly bool IsEmpty => _transport is null;

    /// <summary>How much there is of a connection.</summary>
    public readonly int LengthOf(StreamTransport transport) => ReferenceEquals(_transport, transport) ? _length : 0;

    /// <summary>Takes in what is written to a connection.</summary>
    /// <returns>False if it has to be sent at once, behind what there is of that connection: it is large, or the step writes to another
    /// connection too.</returns>
    public bool TryAdd(StreamTransport transport, ReadOnlySpan<byte> data)
    {
        if (_transport is null)
        {
            if (data.Length > MaxFirst)
                return false;
            _transport = transport;
            _bytes ??= GC.AllocateUninitializedArray<byte>(Size);
        }
        else if (!ReferenceEquals(_transport, transport) || data.Length > Size - _length)
        {
            return false;
        }
        data.CopyTo(_bytes.AsSpan(_length));
        _length += data.Length;
        return true;
    }

    /// <summary>Has it sent.</summary>
    public void Send()
    {
        var transport = _transport!;
        var data = _bytes.AsSpan(0, _length);
        Clear(); // the protocol may be told to pause, and write to others meanwhile; by then the transport has no use for this any more
        transport.SendNow(data);
    }

    /// <summary>Forgets it.</summary>
    public void Clear()
    {
        _transport = null;
        _length = 0;
    }
}
