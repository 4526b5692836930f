using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A queue in segments. It grows without copying, so that a million entries leave no garbage behind, and what a burst
/// needed is given back after it. An entry's position never changes its meaning while the entry is there.
/// </summary>
/// <typeparam name="T">The entries' type; a struct, which spares the covariance checks of arrays.</typeparam>
internal struct SegmentedQueue<T>
    where T : struct
{
    private const int Shift = 7;
    private const int SegmentSize = 1 << Shift;
    private const int Mask = SegmentSize - 1;
    private const int MaxSpares = 64;

    private T[]?[]? _directory; // by the position's segment, as a ring; made with the first entry
    private T[]? _headSegment;
    private T[]? _tailSegment;
    private T[]?[]? _spares; // those that were emptied, for the next burst; no empty array, as .NET loads a type for each
    private int _spareCount;
    private long _head;
    private long _tail;

    public readonly int Count => (int)(_tail - _head);

    /// <summary>The position of the first entry.</summary>
    public readonly long Head => _head;

    /// <summary>The position of what is added next.</summary>
    public readonly long Tail => _tail;

    /// <summary>The first entry; there must be one.</summary>
    public readonly ref T First => ref _headSegment![(int)_head & Mask];

    /// <summary>The entry at a position, of which the low bits are enough.</summary>
    public readonly ref T At(long position) => ref Segment(position)![(int)position & Mask];

    /// <summary>Adds an entry at the end, to be filled in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Add()
    {
        var index = (int)_tail & Mask;
        if (index == 0)
            BeginSegment();
        _tail++;
        return ref _tailSegment![index];
    }

    /// <summary>Drops the first entry; it must have been emptied.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void RemoveFirst()
    {
        _head++;
        if (((int)_head & Mask) == 0)
            EndSegment();
    }

    /// <summary>Drops the last entries; they must have been emptied.</summary>
    /// <param name="tail">The position of the first to go.</param>
    public void RemoveFrom(long tail)
    {
        while (_tail > tail)
        {
            _tail--;
            if (((int)_tail & Mask) != 0)
                continue;
            Spare(ref Segment(_tail));
            if (_tail > _head || ((int)_head & Mask) != 0)
                _tailSegment = Segment(_tail - 1);
        }
    }

    /// <summary>Drops everything. Positions go on from where they are.</summary>
    public void Clear()
    {
        _directory = null;
        _headSegment = _tailSegment = null;
        _spares = null;
        _spareCount = 0;
        _tail = _head = (_tail + Mask) & ~(long)Mask;
    }

    private readonly ref T[]? Segment(long position) => ref _directory![(int)(position >> Shift) & (_directory.Length - 1)];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BeginSegment()
    {
        _directory ??= new T[]?[4];
        var used = (int)((_tail >> Shift) - (_head >> Shift));
        if (used == _directory.Length)
            Widen();
        _tailSegment = _spareCount > 0 ? _spares![--_spareCount]! : new T[SegmentSize];
        Segment(_tail) = _tailSegment;
        if (used == 0)
            _headSegment = _tailSegment;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EndSegment()
    {
        Spare(ref Segment(_head - 1));
        if (Segment(_head) is { } next)
            _headSegment = next;
    }

    private void Spare(ref T[]? segment)
    {
        if (_spareCount < MaxSpares)
        {
            if (_spares is null || _spareCount == _spares.Length)
                Array.Resize(ref _spares, Math.Max(2, _spareCount * 2));
            _spares[_spareCount++] = segment;
        }
        segment = null;
    }

    private void Widen()
    {
        var wider = new T[]?[_directory!.Length * 2];
        for (var position = _head & ~(long)Mask; position < _tail; position += SegmentSize)
            wider[(int)(position >> Shift) & (wider.Length - 1)] = Segment(position);
        _directory = wider;
    }
}
