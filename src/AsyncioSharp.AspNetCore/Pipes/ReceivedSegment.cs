using System.Buffers;

namespace AsyncioSharp.AspNetCore;

/// <summary>A piece of what has come, in a pooled array.</summary>
internal sealed class ReceivedSegment : ReadOnlySequenceSegment<byte>
{
    private byte[] _bytes = [];

    /// <summary>How much of it is filled.</summary>
    public int End { get; private set; }

    public Memory<byte> Room => _bytes.AsMemory(End);

    public ReceivedSegment? Following => (ReceivedSegment?)Next;

    /// <summary>Takes an array.</summary>
    public void Rent(int size)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(size);
        End = 0;
        Memory = default;
        RunningIndex = 0;
        Next = null;
    }

    /// <summary>Bytes were put into its room.</summary>
    public void Fill(int count)
    {
        End += count;
        Memory = _bytes.AsMemory(0, End);
    }

    /// <summary>Is followed by another.</summary>
    public void Append(ReceivedSegment next)
    {
        next.RunningIndex = RunningIndex + End;
        Next = next;
    }

    /// <summary>Gives the array back.</summary>
    public void Return()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Memory = default;
        Next = null;
        End = 0;
    }
}
