using System.IO.Pipelines;

namespace AsyncioSharp;

public sealed partial class AsyncStreamReader
{
    /// <summary>
    /// Reads what there is, waiting for data if there is none (<c>read()</c>).
    /// </summary>
    /// <param name="count">How many bytes at most; -1 for everything until the end of the stream.</param>
    /// <returns>The data; empty at the end of the stream.</returns>
    /// <exception cref="InvalidOperationException">Another task reads.</exception>
    public Coroutine<byte[]> ReadAsync(int count = -1)
    {
        CheckFree();
        if (_exception is not null)
            return Coroutine.FromException<byte[]>(_exception);
        if (count == 0)
            return Coroutine.FromResult<byte[]>([]);
        if (count < 0)
            return ReadToEndAsync();
        return _buffer.IsEmpty ? ReadArrayAsync(count) : Coroutine.FromResult(Take(count));
    }

    /// <summary>Reads what there is into memory, waiting for data if there is none.</summary>
    /// <param name="memory">Where to.</param>
    /// <returns>How many bytes were read; 0 at the end of the stream, or if there is no room.</returns>
    /// <exception cref="InvalidOperationException">Another task reads.</exception>
    public Coroutine<int> ReadAsync(Memory<byte> memory)
    {
        CheckFree();
        if (_exception is not null)
            return Coroutine.FromException<int>(_exception);
        if (!_buffer.IsEmpty || memory.IsEmpty)
            return Coroutine.FromResult(TakeInto(memory));
        if (_isDataLeft && ReceiveNow(memory.Span) is var count && (count > 0 || _eof))
            return Coroutine.FromResult(count);
        return ReadIntoAsync(memory);
    }

    /// <summary>Reads what there is, if a read would not wait.</summary>
    /// <param name="span">Where to.</param>
    /// <param name="count">How many bytes were read; 0 at the end of the stream, or if there is no room.</param>
    /// <returns>False if there is nothing to read yet.</returns>
    /// <exception cref="InvalidOperationException">Another task reads.</exception>
    public bool TryRead(Span<byte> span, out int count)
    {
        CheckFree();
        ThrowIfFailed();
        count = 0;
        if (!_buffer.IsEmpty)
        {
            count = _buffer.TakeInto(span);
            ResumeIfDrained();
            return true;
        }
        if (_eof)
            return true;
        if (!_isDataLeft || span.IsEmpty)
            return _isDataLeft;
        count = ReceiveNow(span);
        return count > 0 || _eof;
    }

    /// <summary>
    /// The reader as a <see cref="Stream"/>, for libraries that want one. It can be used on any thread; on the loop's it
    /// goes on there, and is cancelled with the task. Disposing of it does nothing.
    /// </summary>
    public Stream AsStream() => new ConnectionStream(Loop, this, null);

    /// <summary>The reader as a pipe, for parsers of <c>System.IO.Pipelines</c>.</summary>
    public PipeReader AsPipeReader() => ConnectionPipe.ReaderOf(AsStream());

    /// <summary>
    /// Waits until there is something to read: data, the end of the stream, or the loss of the connection. With this a
    /// program that has many connections, most of them idle, needs memory only for those that have something to say: wait,
    /// rent a buffer, read, and give the buffer back.
    /// </summary>
    /// <remarks>The system may be mistaken at times; then the read that follows waits after all.</remarks>
    /// <exception cref="InvalidOperationException">Another task reads.</exception>
    public Coroutine WaitForDataAsync()
    {
        CheckFree();
        return CanReadNow ? Coroutine.Completed : _wait.WaitForReadinessAsync();
    }

    /// <summary>Reads so many bytes, not fewer (<c>readexactly()</c>).</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="IncompleteReadException">The stream ended before; the exception has what came.</exception>
    /// <exception cref="InvalidOperationException">Another task reads.</exception>
    public Coroutine<byte[]> ReadExactlyAsync(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        CheckFree();
        if (_exception is not null)
            return Coroutine.FromException<byte[]>(_exception);
        return _buffer.Length < count ? ReadExactlyArrayAsync(count) : Coroutine.FromResult(Take(count));
    }

    /// <summary>Fills memory, all of it (<c>readexactly()</c>).</summary>
    /// <param name="memory">The memory.</param>
    /// <exception cref="IncompleteReadException">The stream ended before; the exception has what came.</exception>
    /// <exception cref="InvalidOperationException">Another task reads.</exception>
    public Coroutine ReadExactlyAsync(Memory<byte> memory)
    {
        CheckFree();
        if (_exception is not null)
            return Coroutine.FromException(_exception);
        if (_buffer.Length < memory.Length)
            return ReadExactlyIntoAsync(memory);
        TakeInto(memory);
        return Coroutine.Completed;
    }

    // What follows begins when it is awaited, which may be later than it was made: hence it looks again. Cancellation
    // needs no handlers here, as the wait itself gives back what it took.

    private async Coroutine<byte[]> ReadToEndAsync()
    {
        CheckBegin();
        if (!_eof)
        {
            await WaitForBufferAsync(int.MaxValue);
            EndWait();
        }
        return Take(_buffer.Length);
    }

    private async Coroutine<byte[]> ReadArrayAsync(int count)
    {
        CheckBegin();
        while (_buffer.IsEmpty && !_eof)
        {
            await _wait.WaitForArrayAsync(count);
            if (_wait.EndWithArray() is { } array)
                return array;
            ThrowIfFailed();
            TakeWhatWasLeft();
        }
        return Take(count);
    }

    private async Coroutine<int> ReadIntoAsync(Memory<byte> memory)
    {
        CheckBegin();
        while (_buffer.IsEmpty && !_eof)
        {
            await _wait.WaitAsync(memory);
            var count = _wait.End();
            if (count > 0)
                return count;
            ThrowIfFailed();
            if (_isDataLeft && memory.Length >= MinDirectRoom)
            {
                count = ReceiveNow(memory.Span);
                if (count > 0)
                    return count;
            }
            TakeWhatWasLeft();
        }
        return TakeInto(memory);
    }

    private async Coroutine<byte[]> ReadExactlyArrayAsync(int count)
    {
        CheckBegin();
        while (_buffer.Length < count && !_eof)
        {
            // In the buffer rather than in the array at once: a peer that only announces much does not get the memory.
            await WaitForBufferAsync(count);
            EndWait();
        }
        if (_buffer.Length < count)
            throw Incomplete(count);
        return Take(count);
    }

    private async Coroutine ReadExactlyIntoAsync(Memory<byte> memory)
    {
        CheckBegin();
        while (_buffer.Length < memory.Length && !_eof)
        {
            var had = TakeInto(memory);
            await _wait.WaitToFillAsync(memory, had);
            var filled = _wait.End();
            if (filled == memory.Length)
                return;
            // First: what goes back may be so much that the transport is paused, and would not receive.
            var received = ReceiveWhatWasLeft();
            Unread(memory.Span[..filled]);
            Take(received);
            ThrowIfFailed();
        }
        if (_buffer.Length < memory.Length)
            throw Incomplete(memory.Length);
        TakeInto(memory);
    }

    private Coroutine WaitForBufferAsync(int length)
    {
        if (_paused)
            Resume(); // whoever waits needs more than the limit lets in
        return _wait.WaitForBufferAsync(length);
    }

    private void EndWait()
    {
        _wait.End();
        ThrowIfFailed();
        TakeWhatWasLeft();
    }

    private byte[] Take(int count)
    {
        var taken = _buffer.Take(Math.Min(count, _buffer.Length));
        ResumeIfDrained();
        return taken;
    }

    private int TakeInto(Memory<byte> memory)
    {
        var count = _buffer.TakeInto(memory.Span);
        ResumeIfDrained();
        return count;
    }

    private IncompleteReadException Incomplete(int? expected) => new(Take(_buffer.Length), expected);

    internal void CheckFree()
    {
        Loop.CheckThread();
        if (_wait.IsTaken)
        {
            throw new InvalidOperationException(
                "Another task reads from this stream and waits for data: whose would it be? " +
                "Let one task read and hand on what it gets, for example through an AsyncQueue.");
        }
    }

    private void CheckBegin()
    {
        CheckFree();
        ThrowIfFailed();
    }

    private void ThrowIfFailed()
    {
        if (_exception is not null)
            throw _exception;
    }
}
