using System.Buffers;

namespace AsyncioSharp.LowLevel;

/// <summary>A piece of data that the kernel has received, and nobody has taken: in a buffer of the loop's, or a copy.</summary>
internal struct ReceivedData
{
    private readonly int _buffer;
    private readonly byte[]? _copy;
    private int _start;
    private readonly int _end;

    /// <summary>In a buffer of the loop's, which is held.</summary>
    public ReceivedData(int buffer, int count)
    {
        _buffer = buffer;
        _end = count;
    }

    private ReceivedData(byte[] copy, int count)
    {
        _copy = copy;
        _end = count;
    }

    public readonly bool IsEmpty => _start == _end;

    public readonly ReadOnlySpan<byte> Data(ReceiveBuffers buffers) =>
        _copy is null ? buffers.Data(_buffer, _start, _end - _start) : _copy.AsSpan(_start, _end - _start);

    /// <summary>The same in memory of its own. The buffer is given back.</summary>
    public readonly ReceivedData Copy(ReceiveBuffers buffers)
    {
        if (_copy is not null)
            return this;
        var data = Data(buffers);
        var copy = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(copy);
        buffers.Return(_buffer);
        return new ReceivedData(copy, data.Length);
    }

    /// <summary>Drops from the front what was taken.</summary>
    public void Advance(int count) => _start += count;

    /// <summary>Gives its memory back.</summary>
    public readonly void Return(ReceiveBuffers buffers)
    {
        if (_copy is null)
            buffers.Return(_buffer);
        else
            ArrayPool<byte>.Shared.Return(_copy);
    }
}
