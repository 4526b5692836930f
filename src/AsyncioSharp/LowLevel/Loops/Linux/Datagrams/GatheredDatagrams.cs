using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>Datagrams that are to leave by one system call.</summary>
internal sealed class GatheredDatagrams
{
    /// <summary>How many there are at most.</summary>
    public const int Capacity = 16;

    private const int Bytes = 32 * 1024; // more at once would save next to nothing, and leave the processor's cache

    private readonly MessageTable _table = new(Capacity, Bytes);
    private readonly int[] _ends = new int[Capacity];

    public int Count { get; private set; }

    /// <summary>How many bytes of data they have together.</summary>
    public int Size => Count == 0 ? 0 : _ends[Count - 1];

    public bool HasRoomFor(int length) => Count < Capacity && length <= Bytes - Size;

    /// <summary>Adds one, for which there is room.</summary>
    /// <param name="data">The datagram.</param>
    /// <param name="remote">To whom; null if the socket is connected.</param>
    /// <param name="family">The socket's family.</param>
    public void Add(ReadOnlySpan<byte> data, EndPoint? remote, AddressFamily family)
    {
        var start = Size;
        data.CopyTo(_table.Data[start..]);
        _table.Place(Count, start, data.Length);
        _table.SetAddressLength(Count, remote is null ? 0 : AddressBytes.Write(remote, family, _table.AddressRoom(Count)));
        _ends[Count++] = start + data.Length;
    }

    public ReadOnlySpan<byte> Data(int index) => _table.Data[(index == 0 ? 0 : _ends[index - 1]).._ends[index]];

    /// <summary>To whom one is to be sent, as it was when it was added; null if the socket is connected.</summary>
    public EndPoint? Remote(int index) => _table.Address(index) is { IsEmpty: false } address ? AddressBytes.Read(address) : null;

    /// <summary>Sends them, in order, until one cannot be sent.</summary>
    /// <param name="descriptor">The socket, which does not block.</param>
    /// <param name="first">The first one to send.</param>
    /// <returns>How many were sent; the error number, negated, if the first one was not.</returns>
    public int Send(int descriptor, int first) => Libc.SendMany(descriptor, _table.Headers[first..Count]);

    public void Clear() => Count = 0;
}
