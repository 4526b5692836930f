using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// What steps of a loop have written to a connection in pieces, to leave in one. Whoever answers many small requests at once would otherwise make
/// a system call for each, and the peer receive a packet for each.
/// </summary>
/// <remarks>
/// It is sent when the step ends, or writes to another connection, so that connections keep their order. Only what the steps right behind it
/// write to the same connection is held, as more of them may follow: many tasks share it then. The first step that writes nothing to it ends
/// that, and so does the iteration.
/// To clients on the loop's own processor (<see cref="StreamTransport.HasClientHere"/>), which cannot run before the loop waits, all of it is held
/// until the iteration ends, or has gone on for long. It leaves by one call then, in the same order.
/// </remarks>
internal struct GatheredWrites
{
    private const int Size = 16 * 1024;
    private const int BufferSize = 2 * Size; // for many connections with a little each

    // To copy more costs more than a hundredth of the system call that sends it, which is too much where nothing may follow.
    private const int MaxFirst = 512;

    // Of larger pieces too few fit for copying to be worth it, unless one is the rest of something small that waits here, such as a header.
    private const int MaxNext = Size / 4;

    // What a step has written must not wait for long while others run. The clock is looked at now and then, as that costs as much as a short step.
    private const int StepsBetweenLooks = 8;
    private static readonly long s_patience = Stopwatch.Frequency / 4000; // 250 µs

    private byte[]? _bytes; // from the first write on: a loop without connections needs none
    private int _start; // behind what the batch has
    private int _length;
    private int _limit; // of the length
    private StreamTransport? _transport; // to which the step has written last, or the one before
    private bool _isFirst; // it was not written to before
    private bool _goesOn; // a step before has written to it
    private bool _hasWritten; // the step that runs
    private bool _isOpen; // a step runs
    private bool _holds; // until the iteration ends
    private int _steps; // since the last look at the clock
    private long _since; // when the first of what there is was written

    /// <summary>What connections have written but for the one that was written to last; null if the loop sends to each by itself.</summary>
    public SendBatch? Batch { readonly get; set; }

    /// <summary>Whether <see cref="EndStep"/> has something to do.</summary>
    public readonly bool HasWriter => _transport is not null;

    /// <summary>How much there is of a connection.</summary>
    public readonly int LengthOf(StreamTransport transport) =>
        ReferenceEquals(_transport, transport) && _length > 0 ? _length
        : Batch is { Count: > 0 } batch ? batch.LengthOf(transport)
        : 0;

    /// <summary>Steps are about to run. What is written otherwise is sent at once, as nothing would send it later.</summary>
    public void Begin() => _isOpen = true;

    /// <summary>Takes in what is written to a connection of which there is something already: the way of all pieces but the first.</summary>
    /// <returns>False if there is nothing of it, or no room.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAppend(StreamTransport transport, ReadOnlySpan<byte> data)
    {
        if (!ReferenceEquals(_transport, transport) || _length == 0 || data.Length > _limit - _length)
            return false;
        _hasWritten = true;
        Append(data);
        return true;
    }

    /// <summary>Takes in what is written to a connection, and has sent before what there is of another.</summary>
    /// <param name="transport">The connection.</param>
    /// <param name="data">What is written.</param>
    /// <param name="max">How much may wait to be sent: with more the protocol is to be told to pause, which only sending shows.</param>
    /// <returns>False if it has to be sent at once, behind what there is of that connection.</returns>
    public bool TryAdd(StreamTransport transport, ReadOnlySpan<byte> data, int max)
    {
        if (!_isOpen)
            return false;
        if (!ReferenceEquals(_transport, transport))
        {
            GoOnWith(transport);
            if (!transport.SendsAtOnce)
                return false; // what there was of it has filled it, or ended it
            _transport = transport;
            _holds = Batch is not null && transport.HasClientHere;
            _isFirst = true;
            _goesOn = false;
        }
        var longest = _isFirst && !_holds ? MaxFirst : MaxNext;
        _isFirst = false;
        _hasWritten = true;
        _limit = Math.Min(Math.Min(Size, BufferSize - _start), max);
        if (_length > 0 || data.Length > Math.Min(longest, _limit)) // what there is has no room for it: see TryAppend, which is tried before
        {
            if (Batch is { Count: > 0 })
                SendAll();
            return false;
        }
        _bytes ??= GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);
        if (_holds && _start == 0)
            _since = Stopwatch.GetTimestamp();
        Append(data);
        return true;
    }

    /// <summary>A step has ended.</summary>
    public void EndStep()
    {
        if (_holds ? IsDue() : !_hasWritten || !_goesOn)
            SendAll();
        if (!_hasWritten && _start + _length == 0)
            _transport = null;
        _goesOn = true;
        _hasWritten = false;
    }

    /// <summary>All steps of an iteration have ended.</summary>
    public void End()
    {
        SendAll();
        _transport = null;
        _hasWritten = false;
        _isOpen = false;
    }

    /// <summary>Sends what there is.</summary>
    public void Send()
    {
        if (Batch is { Count: > 0 } batch)
        {
            if (_length > 0)
                PutAside(batch);
            batch.Send(_bytes.AsSpan(0, _start));
        }
        var data = _bytes.AsSpan(_start, _length);
        _start = _length = 0; // the transport takes or copies it before anything is written again, which a program's stream may do
        if (!data.IsEmpty)
            _transport!.SendNow(data);
    }

    /// <summary>Drops what there is of a connection.</summary>
    public void Drop(StreamTransport transport)
    {
        if (ReferenceEquals(_transport, transport))
            _length = 0;
        Batch?.Drop(transport);
    }

    private void Append(ReadOnlySpan<byte> data)
    {
        data.CopyTo(_bytes.AsSpan(_start + _length));
        _length += data.Length;
    }

    private void SendAll()
    {
        while (_start + _length > 0)
            Send();
    }

    // Another connection is written to.
    private void GoOnWith(StreamTransport transport)
    {
        if (!_holds)
        {
            SendAll();
            return;
        }
        if (_length > 0)
            PutAside(Batch!);
        if (_length > 0 || !transport.HasClientHere || BufferSize - _start < MaxNext || Batch!.IsFull || Batch.LengthOf(transport) > 0)
            SendAll();
    }

    private void PutAside(SendBatch batch)
    {
        if (!batch.TryAdd(_transport!, _length))
            return;
        _start += _length;
        _length = 0;
    }

    private bool IsDue()
    {
        if (++_steps < StepsBetweenLooks)
            return false;
        _steps = 0;
        return _start + _length > 0 && Stopwatch.GetTimestamp() - _since > s_patience;
    }
}
