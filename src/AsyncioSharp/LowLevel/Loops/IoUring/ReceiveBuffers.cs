using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>Buffers from which the kernel picks one when something was received.</summary>
/// <remarks>
/// <para>What makes the pointers safe: the memory is not the collector's, is allocated once, and freed when the loop closes,
/// at which nothing is in flight. A buffer is either in the ring, where it is the kernel's, or held, where it is whoever's the
/// completion was for; it changes hands by a completion, and by <see cref="Return"/>. Indexes are masked, numbers checked.
/// </para>
/// <para>The ring's tail is stored with release, so that the kernel, which loads it with acquire, sees the entry before it. The
/// kernel keeps its head to itself; there is a place for each buffer, so the tail cannot overtake it.</para>
/// </remarks>
internal sealed unsafe class ReceiveBuffers : IDisposable
{
    /// <summary>The number by which receives name them.</summary>
    public const ushort Group = 0;

    /// <summary>How long each is.</summary>
    public const int Size = 16 * 1024;

    private const int Count = 128; // a power of two
    private const int EntrySize = 16; // struct io_uring_buf
    private const int TailOffset = 14; // in the first entry's reserved bytes
    private const int PageSize = 64 * 1024; // the largest of any machine
    private const int RingSize = PageSize;

    private readonly bool[] _held = new bool[Count];
    private byte* _memory;
    private ushort _tail;

    public ReceiveBuffers() => _memory = (byte*)NativeMemory.AlignedAlloc(RingSize + Count * Size, PageSize);

    /// <summary>Lends all that are not held to a new ring.</summary>
    /// <returns>What the kernel says.</returns>
    public int LendTo(IoUringRing ring)
    {
        new Span<byte>(_memory, RingSize).Clear();
        _tail = 0;
        var result = ring.AddBuffers((nint)_memory, Count, Group);
        for (var i = 0; i < Count && result >= 0; i++)
        {
            if (!_held[i])
                Add(i);
        }
        return result;
    }

    /// <summary>The kernel has handed over a buffer.</summary>
    public void Hold(int buffer) => _held[buffer] = true;

    /// <summary>What is in a buffer that is held.</summary>
    public ReadOnlySpan<byte> Data(int buffer, int start, int length)
    {
        ObjectDisposedException.ThrowIf(_memory is null, this);
        if (!_held[buffer] || (uint)start > Size || (uint)length > (uint)(Size - start))
            throw new InvalidOperationException("The buffer is the kernel's.");
        return new ReadOnlySpan<byte>(_memory + RingSize + buffer * Size + start, length);
    }

    /// <summary>Gives a buffer that is held back to the kernel.</summary>
    public void Return(int buffer)
    {
        if (!_held[buffer] || _memory is null)
            return;
        _held[buffer] = false;
        Add(buffer);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }

    private void Add(int buffer)
    {
        var entry = _memory + (_tail & (Count - 1)) * EntrySize;
        *(ulong*)entry = (ulong)(_memory + RingSize + buffer * Size);
        *(uint*)(entry + 8) = Size;
        *(ushort*)(entry + 12) = (ushort)buffer;
        _tail++;
        Volatile.Write(ref *(ushort*)(_memory + TailOffset), _tail);
    }
}
