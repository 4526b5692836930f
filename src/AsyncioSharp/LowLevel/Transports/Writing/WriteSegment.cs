using System.Buffers;

namespace AsyncioSharp.LowLevel;

/// <summary>A piece of what waits to be sent, in a pooled array.</summary>
internal sealed class WriteSegment
{
    private const int MinSize = 16 * 1024;
    private const int MaxSize = 1024 * 1024;
    private const int MaxPooled = 1024;

    [ThreadStatic]
    private static WriteSegment? t_pool;

    [ThreadStatic]
    private static int t_pooled;

    private byte[] _bytes = [];
    private int _start;
    private int _end;

    public WriteSegment? Next;

    public Memory<byte> Data => _bytes.AsMemory(_start, _end - _start);

    public bool IsEmpty => _start == _end;

    /// <summary>A segment with room for so many bytes, or for as many as a segment takes.</summary>
    public static WriteSegment Rent(int size)
    {
        var segment = t_pool;
        if (segment is null)
        {
            segment = new WriteSegment();
        }
        else
        {
            t_pool = segment.Next;
            t_pooled--;
            segment.Next = null;
        }
        segment._bytes = ArrayPool<byte>.Shared.Rent(Math.Clamp(size, MinSize, MaxSize));
        segment._start = segment._end = 0;
        return segment;
    }

    /// <summary>Takes in what fits behind the rest.</summary>
    /// <returns>How much that was.</returns>
    public int Append(ReadOnlySpan<byte> data)
    {
        var count = Math.Min(data.Length, _bytes.Length - _end);
        data[..count].CopyTo(_bytes.AsSpan(_end));
        _end += count;
        return count;
    }

    /// <summary>Drops from the front what was sent.</summary>
    public void Advance(int count) => _start += count;

    /// <summary>Gives the segment back.</summary>
    public void Return()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Next = null;
        if (t_pooled >= MaxPooled)
            return;
        Next = t_pool;
        t_pool = this;
        t_pooled++;
    }
}
