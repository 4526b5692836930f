namespace AsyncioSharp.LowLevel;

/// <summary>
/// What steps of a loop have written to a connection in pieces, to leave in one. Whoever answers many small requests at once would otherwise make
/// a system call for each, and the peer receive a packet for each.
/// </summary>
/// <remarks>
/// It is sent when the step ends. Only if a step before, in the same iteration, has written to the same connection it is held, as more such steps
/// may follow: many tasks share it then. It is held until a step writes to another connection, a few steps have written nothing to it, or the
/// iteration ends.
/// </remarks>
internal struct GatheredWrites
{
    private const int Size = 16 * 1024;

    // To copy more costs more than a hundredth of the system call that sends it, which is too much where nothing may follow.
    private const int MaxFirst = 512;

    // Of larger pieces too few fit for copying to be worth it, unless one is the rest of something small that waits here, such as a header.
    private const int MaxNext = Size / 4;

    private const int MaxStepsWithout = 16;

    private byte[]? _bytes; // from the first write on: a loop without connections needs none
    private int _length;
    private StreamTransport? _transport; // that the step has written to first, or that is held
    private StreamTransport? _previous; // that the last step which wrote, in this iteration, has written to first
    private bool _hasOthers; // the step has written to another connection too
    private int _stepsWithout;

    /// <summary>Whether <see cref="EndStep"/> has something to do.</summary>
    public readonly bool HasWriter => _transport is not null;

    /// <summary>Whether <see cref="EndIteration"/> has something to do.</summary>
    public readonly bool HasWritten => _previous is not null;

    /// <summary>How much there is of a connection.</summary>
    public readonly int LengthOf(StreamTransport transport) => ReferenceEquals(_transport, transport) ? _length : 0;

    /// <summary>Takes in what is written to a connection.</summary>
    /// <returns>False if it has to be sent at once, behind what there is of that connection.</returns>
    public bool TryAdd(StreamTransport transport, ReadOnlySpan<byte> data)
    {
        if (_transport is null)
        {
            _transport = transport;
            if (data.Length > (ReferenceEquals(_previous, transport) ? MaxNext : MaxFirst))
                return false;
        }
        else if (!ReferenceEquals(_transport, transport))
        {
            _hasOthers = true;
            return false;
        }
        else if (data.Length > (_length > 0 ? Size - _length : MaxNext))
        {
            return false;
        }
        _stepsWithout = 0;
        _bytes ??= GC.AllocateUninitializedArray<byte>(Size);
        data.CopyTo(_bytes.AsSpan(_length));
        _length += data.Length;
        return true;
    }

    /// <summary>A step has ended.</summary>
    public void EndStep()
    {
        if (_length > 0 && !_hasOthers && ReferenceEquals(_previous, _transport) && _stepsWithout < MaxStepsWithout)
        {
            _stepsWithout++;
            return;
        }
        _previous = _transport;
        End();
    }

    /// <summary>An iteration has ended.</summary>
    public void EndIteration()
    {
        _previous = null;
        End();
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

    private void End()
    {
        if (_length > 0)
            Send();
        _transport = null;
        _hasOthers = false;
    }
}
