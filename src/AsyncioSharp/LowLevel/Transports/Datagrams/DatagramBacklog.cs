using System.Buffers;
using System.Net;

namespace AsyncioSharp.LowLevel;

/// <summary>Datagrams that wait to be sent, in pooled arrays.</summary>
internal sealed class DatagramBacklog
{
    /// <summary>What a datagram costs besides its data, as asyncio counts.</summary>
    public const int Overhead = 8;

    private readonly Queue<Item> _items = [];

    private readonly record struct Item(byte[] Bytes, int Length, EndPoint? Remote);

    /// <summary>How many bytes wait.</summary>
    public int Size { get; private set; }

    public bool IsEmpty => _items.Count == 0;

    /// <summary>What is to be sent next. Only for a backlog that is not empty.</summary>
    public Memory<byte> Front => _items.Peek() is var item ? item.Bytes.AsMemory(0, item.Length) : default;

    /// <summary>To whom <see cref="Front"/> is to be sent; null for the address of all.</summary>
    public EndPoint? FrontRemote => _items.Peek().Remote;

    /// <summary>Adds one, behind the others.</summary>
    /// <param name="data">The datagram; it is copied.</param>
    /// <param name="remote">To whom, of which nobody else has the object; null for the address of all.</param>
    public void Append(ReadOnlySpan<byte> data, EndPoint? remote)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(bytes);
        _items.Enqueue(new Item(bytes, data.Length, remote));
        Size = checked(Size + data.Length + Overhead);
    }

    /// <summary>Drops <see cref="Front"/>.</summary>
    public void Advance()
    {
        var item = _items.Dequeue();
        Size -= item.Length + Overhead;
        ArrayPool<byte>.Shared.Return(item.Bytes);
    }

    /// <summary>Drops all.</summary>
    /// <param name="isFrontLent">Whether the system reads <see cref="Front"/>, which is left to the collector then.</param>
    public void Clear(bool isFrontLent)
    {
        if (isFrontLent && !IsEmpty)
            _items.Dequeue();
        while (!IsEmpty)
            Advance();
        Size = 0;
    }
}
