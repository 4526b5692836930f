namespace AsyncioSharp.LowLevel;

/// <summary>Datagrams that were received by one system call. They are valid until the next one.</summary>
internal sealed class ReceivedDatagrams
{
    private const int Bytes = 1024 * 1024; // small enough that no huge page is made of it
    private const int SlotSize = 64 * 1024; // nothing of the Internet is longer
    private const int UnixSlotSize = 256 * 1024; // which is more than the kernel takes unless it is told to

    private readonly MessageTable _table;
    private readonly int _slotSize;
    private GatheredDatagrams? _answers;
    private int _used;

    /// <summary>Makes the room for them.</summary>
    /// <param name="isUnix">Whether they come from a Unix socket, which has larger ones.</param>
    public ReceivedDatagrams(bool isUnix)
    {
        IsUnix = isUnix;
        _slotSize = isUnix ? UnixSlotSize : SlotSize;
        _table = new MessageTable(Capacity, Bytes);
        for (var i = 0; i < Capacity; i++)
        {
            _table.Place(i, i * _slotSize, _slotSize);
            _table.SetAddressLength(i, AddressBytes.MaxLength);
        }
    }

    public bool IsUnix { get; }

    /// <summary>How many there are at most.</summary>
    public int Capacity => Bytes / _slotSize;

    /// <summary>Where what is sent while they are delivered can be gathered.</summary>
    public GatheredDatagrams Answers => _answers ??= new GatheredDatagrams();

    /// <summary>Receives as many as there are, or fit.</summary>
    /// <param name="descriptor">The socket, which does not block.</param>
    /// <param name="most">How many are wanted at most.</param>
    /// <returns>How many; or the error number, negated.</returns>
    public int Receive(int descriptor, int most)
    {
        for (; _used > 0; _used--)
            _table.SetAddressLength(_used - 1, AddressBytes.MaxLength); // the kernel left the length of the last one there
        var count = Libc.ReceiveMany(descriptor, _table.Headers[..Math.Min(most, Capacity)]);
        _used = Math.Max(count, 0);
        return count;
    }

    /// <summary>One of those that were received.</summary>
    public ReadOnlySpan<byte> Data(int index) => _table.Data.Slice(index * _slotSize, (int)_table.Headers[index].Length);

    /// <summary>The sender's address.</summary>
    public ReadOnlySpan<byte> Address(int index) =>
        _table.AddressRoom(index)[..(int)Math.Min(_table.Headers[index].Parts.AddressLength, AddressBytes.MaxLength)];
}
