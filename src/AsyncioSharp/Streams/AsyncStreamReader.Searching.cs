namespace AsyncioSharp;

// Reading up to a separator.
public sealed partial class AsyncStreamReader
{
    private const byte NewLine = (byte)'\n';

    // What was searched for last: most streams are read with one separator.
    private byte[][]? _separators;

    /// <summary>Reads a line with its line feed (<c>readline()</c>).</summary>
    /// <returns>The line; what is left, without a line feed, at the end of the stream; empty after that.</returns>
    /// <exception cref="LimitOverrunException">The line is longer than the limit; what came of it is dropped.</exception>
    /// <exception cref="InvalidOperationException">Another task reads.</exception>
    public Coroutine<byte[]> ReadLineAsync()
    {
        CheckFree();
        if (_exception is not null)
            return Coroutine.FromException<byte[]>(_exception);
        var index = _buffer.Data.IndexOf(NewLine);
        return index >= 0 && index <= _limit ? Coroutine.FromResult(Take(index + 1)) : SearchLineAsync();
    }

    /// <summary>Reads up to a separator, and this too (<c>readuntil()</c>).</summary>
    /// <param name="separator">The separator, such as <c>"\r\n"u8</c>.</param>
    /// <exception cref="ArgumentException">The separator is empty.</exception>
    /// <exception cref="IncompleteReadException">The stream ended before it came; the exception has what came.</exception>
    /// <exception cref="LimitOverrunException">It did not come within the limit; what came stays in the stream.</exception>
    /// <exception cref="InvalidOperationException">Another task reads.</exception>
    public Coroutine<byte[]> ReadUntilAsync(ReadOnlySpan<byte> separator)
    {
        if (separator.IsEmpty)
            throw new ArgumentException("The separator must not be empty.", nameof(separator));
        CheckFree();
        if (_exception is not null)
            return Coroutine.FromException<byte[]>(_exception);
        var index = _buffer.Data.IndexOf(separator);
        if (index >= 0 && index <= _limit)
            return Coroutine.FromResult(Take(index + separator.Length));
        if (_separators is not { Length: 1 } || !separator.SequenceEqual(_separators[0]))
            _separators = [separator.ToArray()];
        return SearchAsync(_separators);
    }

    /// <summary>Reads up to whichever of several separators ends first, and this too (<c>readuntil()</c>).</summary>
    /// <param name="separators">The separators.</param>
    /// <exception cref="ArgumentException">There are none, or one is empty.</exception>
    /// <exception cref="IncompleteReadException">The stream ended before one came; the exception has what came.</exception>
    /// <exception cref="LimitOverrunException">None came within the limit; what came stays in the stream.</exception>
    /// <exception cref="InvalidOperationException">Another task reads.</exception>
    public Coroutine<byte[]> ReadUntilAsync(IEnumerable<ReadOnlyMemory<byte>> separators)
    {
        ArgumentNullException.ThrowIfNull(separators);
        var copy = separators.Select(static separator => separator.ToArray()).ToArray();
        if (copy.Length == 0 || copy.Any(static separator => separator.Length == 0))
            throw new ArgumentException("At least one separator is needed, and none may be empty.", nameof(separators));
        CheckFree();
        return _exception is not null ? Coroutine.FromException<byte[]>(_exception) : SearchAsync(copy);
    }

    /// <summary>Enumerates the lines until the end of the stream, each with its line feed (<c>async for</c>).</summary>
    public LineEnumerator GetAsyncEnumerator() => new(this);

    private async Coroutine<byte[]> SearchLineAsync()
    {
        CheckBegin();
        for (var searched = 0; ;)
        {
            var index = _buffer.Data[searched..].IndexOf(NewLine);
            if (index >= 0)
            {
                index += searched;
                if (index <= _limit)
                    return Take(index + 1);
                Drop(index + 1);
                throw new LimitOverrunException(
                    $"A line is longer than the reader's limit of {_limit} bytes, and was dropped. " +
                    "If such lines are to be expected, give the stream a higher limit.", index);
            }
            searched = _buffer.Length;
            if (searched > _limit)
            {
                Drop(searched);
                throw new LimitOverrunException(
                    $"A line is longer than the reader's limit of {_limit} bytes; what had arrived of it was dropped. " +
                    "If such lines are to be expected, give the stream a higher limit.", searched);
            }
            if (_eof)
                return Take(searched);
            await WaitForBufferAsync(searched + 1);
            EndWait();
        }
    }

    private async Coroutine<byte[]> SearchAsync(byte[][] separators)
    {
        CheckBegin();
        var longest = separators.Max(static separator => separator.Length);
        for (var searched = 0; ;)
        {
            if (TryFind(separators, searched, out var start, out var end))
            {
                return start <= _limit
                    ? Take(end)
                    : throw new LimitOverrunException(
                        $"The separator comes after more than {_limit} bytes, the reader's limit. " +
                        "Give the stream a higher limit, or read a part with ReadExactlyAsync.", start);
            }
            // Of a separator that is to come all but its last byte may be here.
            searched = Math.Max(0, _buffer.Length + 1 - longest);
            if (searched > _limit)
            {
                throw new LimitOverrunException(
                    $"No separator came within the reader's limit of {_limit} bytes. " +
                    "Give the stream a higher limit, or read a part with ReadExactlyAsync.", searched);
            }
            if (_eof)
                throw Incomplete(null);
            await WaitForBufferAsync(_buffer.Length + 1);
            EndWait();
        }
    }

    private bool TryFind(byte[][] separators, int from, out int start, out int end)
    {
        (start, end) = (0, int.MaxValue);
        var data = _buffer.Data[from..];
        foreach (var separator in separators)
        {
            var index = data.IndexOf(separator);
            if (index >= 0 && from + index + separator.Length < end)
                (start, end) = (from + index, from + index + separator.Length);
        }
        return end != int.MaxValue;
    }

    private void Drop(int count)
    {
        _buffer.Skip(count);
        ResumeIfDrained();
    }
}
