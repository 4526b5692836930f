using System.Buffers;

namespace AsyncioSharp;

/// <summary>
/// What has come and was not read yet: one pooled array, in a piece so that it can be searched. While nothing is in it,
/// it holds no memory.
/// </summary>
internal struct ReadBuffer
{
    private const int MinSize = 4 * 1024;

    private byte[]? _bytes;
    private int _start;
    private int _end;

    public readonly int Length => _end - _start;

    public readonly bool IsEmpty => _end == _start;

    public readonly ReadOnlySpan<byte> Data => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Adds data at the end.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        if (_bytes is null || data.Length > _bytes.Length - _end)
            MakeRoom(data.Length);
        data.CopyTo(_bytes.AsSpan(_end));
        _end += data.Length;
    }

    /// <summary>Puts data back in front of the rest.</summary>
    public void Prepend(ReadOnlySpan<byte> data)
    {
        if (data.Length > _start)
        {
            var rest = Length;
            var bytes = ArrayPool<byte>.Shared.Rent(Math.Max(checked(rest + data.Length), MinSize));
            Data.CopyTo(bytes.AsSpan(bytes.Length - rest));
            Exchange(bytes, bytes.Length - rest, bytes.Length);
        }
        _start -= data.Length;
        data.CopyTo(_bytes.AsSpan(_start));
    }

    /// <summary>Drops bytes from the front; the last ones give the array back.</summary>
    public void Skip(int count)
    {
        _start += count;
        if (_start == _end)
            Clear();
    }

    /// <summary>Takes bytes from the front.</summary>
    public byte[] Take(int count)
    {
        var taken = Data[..count].ToArray();
        Skip(count);
        return taken;
    }

    /// <summary>Takes as much from the front as there is room for.</summary>
    /// <returns>How much that was.</returns>
    public int TakeInto(Span<byte> room)
    {
        var count = Math.Min(Length, room.Length);
        Data[..count].CopyTo(room);
        Skip(count);
        return count;
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        if (_bytes is { } bytes)
            ArrayPool<byte>.Shared.Return(bytes);
        _bytes = null;
        _start = _end = 0;
    }

    private void MakeRoom(int count)
    {
        var rest = Length;
        var needed = checked(rest + count);
        if (_bytes is not null && needed <= _bytes.Length / 2)
        {
            // At least half of the array lies in front; moving down costs less than has been read since the last time.
            Data.CopyTo(_bytes);
            (_start, _end) = (0, rest);
            return;
        }
        var size = _bytes is null ? needed : Math.Max(needed, (int)Math.Min(2L * _bytes.Length, Array.MaxLength));
        var bytes = ArrayPool<byte>.Shared.Rent(Math.Max(size, MinSize));
        Data.CopyTo(bytes);
        Exchange(bytes, 0, rest);
    }

    private void Exchange(byte[] bytes, int start, int end)
    {
        if (_bytes is not null)
            ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _start, _end) = (bytes, start, end);
    }
}
