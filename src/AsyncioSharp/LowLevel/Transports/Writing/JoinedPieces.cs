using System.Buffers;

namespace AsyncioSharp.LowLevel;

/// <summary>Pieces of data put together in a pooled array.</summary>
internal ref struct JoinedPieces
{
    private const int MinSize = 4 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(MinSize);
    private int _length;

    public JoinedPieces() { }

    public readonly ReadOnlySpan<byte> Data => _bytes.AsSpan(0, _length);

    public void Add(ReadOnlySpan<byte> piece)
    {
        if (piece.Length > _bytes.Length - _length)
            Grow(piece.Length);
        piece.CopyTo(_bytes.AsSpan(_length));
        _length += piece.Length;
    }

    public readonly void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);

    private void Grow(int count)
    {
        var needed = checked(_length + count);
        var bigger = ArrayPool<byte>.Shared.Rent((int)Math.Max(needed, Math.Min(2L * _bytes.Length, Array.MaxLength)));
        Data.CopyTo(bigger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = bigger;
    }
}
