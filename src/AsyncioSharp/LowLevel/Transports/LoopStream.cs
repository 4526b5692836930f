namespace AsyncioSharp.LowLevel;

/// <summary>What the streams over a loop's connections have in common: they have no length and no position, and never wait
/// synchronously.</summary>
public abstract class LoopStream : Stream
{
    private protected LoopStream()
    {
    }

    /// <summary>True, except where only the other side is to be had.</summary>
    public override bool CanRead => true;

    /// <summary>True, except where only the other side is to be had.</summary>
    public override bool CanWrite => true;

    /// <summary>False.</summary>
    public sealed override bool CanSeek => false;

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public sealed override long Length => throw new NotSupportedException("A connection has no length.");

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public sealed override long Position
    {
        get => throw NotSeekable();
        set => throw NotSeekable();
    }

    /// <summary>Reads what there is, waiting for data if there is none.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="offset">From which place on.</param>
    /// <param name="count">How many bytes at most.</param>
    /// <param name="cancellationToken">Ends the wait; the connection stays as it is.</param>
    /// <returns>How many bytes were read; 0 at the end of the stream, or if there was no room.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The buffer has no such part.</exception>
    public sealed override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Sends data.</summary>
    /// <param name="buffer">The data; it must stay as it is meanwhile.</param>
    /// <param name="offset">From which place on.</param>
    /// <param name="count">How many bytes.</param>
    /// <param name="cancellationToken">Ends the wait; a part of the data may have been sent, or still be.</param>
    /// <exception cref="ArgumentOutOfRangeException">The buffer has no such part.</exception>
    public sealed override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Not supported: it would block the loop.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public sealed override int Read(byte[] buffer, int offset, int count) => throw WouldBlock("read from", nameof(ReadAsync));

    /// <summary>Not supported: it would block the loop.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public sealed override int Read(Span<byte> buffer) => throw WouldBlock("read from", nameof(ReadAsync));

    /// <inheritdoc cref="Write(ReadOnlySpan{byte})"/>
    public sealed override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    /// <summary>Not supported where it would block the loop.</summary>
    /// <exception cref="NotSupportedException">It would.</exception>
    public override void Write(ReadOnlySpan<byte> buffer) => throw WouldBlock("written to", nameof(WriteAsync));

    /// <summary>Does nothing where what is written is sent at once; else sends it.</summary>
    public override void Flush() { }

    /// <summary>Does nothing where what is written is sent at once; else sends it.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public sealed override long Seek(long offset, SeekOrigin origin) => throw NotSeekable();

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public sealed override void SetLength(long value) => throw new NotSupportedException("A connection has no length.");

    private static NotSupportedException NotSeekable() => new("A connection has no position: it is read and written in order.");

    private static NotSupportedException WouldBlock(string what, string instead) =>
        new($"A loop's connection cannot be {what} synchronously, as that would block the loop: use {instead}.");
}
