using System.Buffers;

namespace AsyncioSharp.AspNetCore;

/// <summary>A piece of what was written, in a pooled array.</summary>
internal sealed class WrittenSegment
{
    private byte[] _bytes = [];
    private int _start;
    private int _end;

    public WrittenSegment? Next;

    /// <summary>How much of it waits to be sent.</summary>
    public int Length => _end - _start;

    public ReadOnlySpan<byte> Data => _bytes.AsSpan(_start, _end - _start);

    public Memory<byte> Room => _bytes.AsMemory(_end);

    public void Rent(int size)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(size);
        _start = _end = 0;
        Next = null;
    }

    public void Advance(int count) => _end += count;

    public void Skip(int count) => _start += count;

    public void Return()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _start = _end = 0;
        Next = null;
    }
}
