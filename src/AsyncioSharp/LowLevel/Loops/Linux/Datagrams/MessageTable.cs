using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>The memory of several datagrams and their addresses, and the headers by which the kernel finds it.</summary>
/// <remarks>
/// What makes the addresses in the headers safe: they are of arrays that are pinned for as long as they live, this object
/// keeps them, and whoever passes the headers to the kernel keeps this object; the kernel keeps nothing once a call has
/// returned. A piece lies within the data, as <see cref="Place"/> checks; room for an address is never given as longer than
/// <see cref="AddressBytes.MaxLength"/>, of which each message has its own.
/// </remarks>
internal sealed class MessageTable
{
    private readonly byte[] _data;
    private readonly byte[] _addresses;
    private readonly MemoryPiece[] _pieces;
    private readonly MessageHeader[] _headers;

    /// <summary>Makes the table. The data's pages are not touched, and cost no memory until they are.</summary>
    /// <param name="count">For how many messages.</param>
    /// <param name="bytes">How many bytes of data they have together.</param>
    public MessageTable(int count, int bytes)
    {
        _data = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        _addresses = GC.AllocateUninitializedArray<byte>(count * AddressBytes.MaxLength, pinned: true);
        _pieces = GC.AllocateArray<MemoryPiece>(count, pinned: true);
        _headers = GC.AllocateArray<MessageHeader>(count, pinned: true);
        for (var i = 0; i < count; i++)
        {
            _headers[i].Parts.Pieces = Marshal.UnsafeAddrOfPinnedArrayElement(_pieces, i);
            _headers[i].Parts.PieceCount = 1;
        }
    }

    public Span<MessageHeader> Headers => _headers;

    public Span<byte> Data => _data;

    /// <summary>Says where a message is.</summary>
    public void Place(int index, int start, int length)
    {
        _ = _data.AsSpan(start, length);
        ref var piece = ref _pieces[index];
        piece.Start = Marshal.UnsafeAddrOfPinnedArrayElement(_data, 0) + start;
        piece.Length = (nuint)length;
    }

    /// <summary>The room for a message's address.</summary>
    public Span<byte> AddressRoom(int index) => _addresses.AsSpan(index * AddressBytes.MaxLength, AddressBytes.MaxLength);

    /// <summary>A message's address; empty for a message without.</summary>
    public ReadOnlySpan<byte> Address(int index) => AddressRoom(index)[..(int)_headers[index].Parts.AddressLength];

    /// <summary>Says how long a message's address is, or its room; 0 for a message without.</summary>
    public void SetAddressLength(int index, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, AddressBytes.MaxLength);
        ref var parts = ref _headers[index].Parts;
        parts.Address = length == 0 ? 0 : Marshal.UnsafeAddrOfPinnedArrayElement(_addresses, index * AddressBytes.MaxLength);
        parts.AddressLength = (uint)length;
    }
}
