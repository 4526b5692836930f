namespace AsyncioSharp.LowLevel;

/// <summary>
/// What a step of a loop has written to a connection in pieces: it leaves in one when the step ends. Whoever answers many small
/// requests at once would otherwise make a system call for each, and the peer receive a packet for each.
/// </summary>
/// <remarks>It is of the connection that the step has written to first; most write to no other.</remarks>
internal struct GatheredWrites
{
    private const int Size = 16 * 1024;

    // To copy more costs more than a hundredth of the system call that sends it, which is too much where nothing may follow.
    private const int MaxFirst = 512;

    // Of larger pieces too few fit for copying to be worth it, unless one is the rest of something small that waits here, such as a header.
    private const int MaxNext = Size / 4;

    private byte[]? _bytes; // from the first write on: a loop without connections needs none
    private StreamTransport? _transport;
    private int _length;

    /// <summary>Whether the step has written to a connection.</summary>
    public readonly bool HasWriter => _transport is not null;

    /// <summary>How much there is of a connection.</summary>
    public readonly int LengthOf(StreamTransport transport) => ReferenceEquals(_transport, transport) ? _length : 0;

    /// <summary>Takes in what is written to a connection.</summary>
    /// <returns>False if it has to be sent at once, behind what there is of that connection.</returns>
    public bool TryAdd(StreamTransport transport, ReadOnlySpan<byte> data)
    {
        var max = _length > 0 ? Size - _length : _transport is null ? MaxFirst : MaxNext;
        _transport ??= transport;
        if (data.Length > max || !ReferenceEquals(_transport, transport))
            return false;
        _bytes ??= GC.AllocateUninitializedArray<byte>(Size);
        data.CopyTo(_bytes.AsSpan(_length));
        _length += data.Length;
        return true;
    }

    /// <summary>The step ends.</summary>
    public void EndStep()
    {
        if (_length > 0)
            Send();
        _transport = null;
    }

    /// <summary>Has sent what there is.</summary>
    public void Send()
    {
        var data = _bytes.AsSpan(0, _length);
        _length = 0; // the protocol may be told to pause, and write meanwhile; by then the transport has no use for the data any more
        _transport!.SendNow(data);
    }

    /// <summary>Drops what there is.</summary>
    public void Clear() => _length = 0;
}
