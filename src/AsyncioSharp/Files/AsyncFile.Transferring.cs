namespace AsyncioSharp;

public sealed partial class AsyncFile
{
    private const int ChunkSize = 256 * 1024;

    /// <summary>Reads at <see cref="Position"/>, which is moved behind what was read.</summary>
    /// <param name="buffer">Where to. It is the file's until this ends.</param>
    /// <returns>How many bytes, which may be fewer than there is room for; 0 at the end of the file.</returns>
    /// <remarks>If it is cancelled the position stays, so that nothing is lost.</remarks>
    /// <exception cref="NotSupportedException">It was not opened to be read.</exception>
    /// <exception cref="InvalidOperationException">Another read or write at the position runs.</exception>
    /// <exception cref="IOException">Reading failed.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public Coroutine<int> ReadAsync(Memory<byte> buffer)
    {
        CheckReadable();
        return ReadNextAsync(buffer);
    }

    /// <summary>Reads from anywhere.</summary>
    /// <param name="buffer">Where to. It is the file's until this ends.</param>
    /// <param name="offset">From where in the file. <see cref="Position"/> does not change.</param>
    /// <returns>How many bytes, which may be fewer than there is room for; 0 at the end of the file.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative.</exception>
    /// <exception cref="NotSupportedException">It was not opened to be read.</exception>
    /// <exception cref="IOException">Reading failed.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public Coroutine<int> ReadAsync(Memory<byte> buffer, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        CheckReadable();
        return ReadAtAsync(buffer, offset);
    }

    /// <summary>Reads everything from <see cref="Position"/> to the end.</summary>
    /// <returns>What was read; empty at the end of the file.</returns>
    /// <inheritdoc cref="ReadAsync(Memory{byte})" path="/remarks"/>
    /// <exception cref="NotSupportedException">It was not opened to be read.</exception>
    /// <exception cref="InvalidOperationException">Another read or write at the position runs.</exception>
    /// <exception cref="IOException">Reading failed, or it is more than an array can hold.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public Coroutine<byte[]> ReadToEndAsync()
    {
        CheckReadable();
        return ReadRestAsync();
    }

    /// <summary>Writes all of some data at <see cref="Position"/>, which is moved behind it.</summary>
    /// <param name="data">The data. It must not change before the end.</param>
    /// <remarks>If it fails or is cancelled the position stays, and there is no telling how much was written.</remarks>
    /// <exception cref="NotSupportedException">It was not opened to be written.</exception>
    /// <exception cref="InvalidOperationException">Another read or write at the position runs.</exception>
    /// <exception cref="IOException">Writing failed.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public Coroutine WriteAsync(ReadOnlyMemory<byte> data)
    {
        CheckWritable();
        return WriteNextAsync(data);
    }

    /// <summary>Writes all of some data anywhere.</summary>
    /// <param name="data">The data. It must not change before the end.</param>
    /// <param name="offset">Where to in the file; behind its end there will be zeros before it. <see cref="Position"/> does not
    /// change.</param>
    /// <remarks>If it fails or is cancelled there is no telling how much was written.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative.</exception>
    /// <exception cref="NotSupportedException">It was not opened to be written.</exception>
    /// <exception cref="IOException">Writing failed.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public Coroutine WriteAsync(ReadOnlyMemory<byte> data, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        CheckWritable();
        return WriteAtAsync(data, offset);
    }

    private async Coroutine<int> ReadNextAsync(Memory<byte> buffer)
    {
        BeginMove();
        try
        {
            var count = await _loop.ReadFileAsync(_handle, buffer, _position);
            _position += count;
            return count;
        }
        finally
        {
            EndMove();
        }
    }

    private async Coroutine<int> ReadAtAsync(Memory<byte> buffer, long offset)
    {
        Begin();
        try
        {
            return await _loop.ReadFileAsync(_handle, buffer, offset);
        }
        finally
        {
            End();
        }
    }

    private async Coroutine<byte[]> ReadRestAsync()
    {
        BeginMove();
        try
        {
            var expected = Length - _position;
            if (expected > Array.MaxLength)
                throw TooLong();
            // What says that it has no length may have content all the same, as in /proc.
            var content = GC.AllocateUninitializedArray<byte>(expected > 0 ? (int)expected : ChunkSize);
            var next = new byte[1];
            var count = 0;
            while (true)
            {
                // Mostly only the end follows, for which the array is not to grow.
                var isFull = count == content.Length;
                var part = await _loop.ReadFileAsync(_handle, isFull ? next : content.AsMemory(count), _position + count);
                if (part == 0)
                    break;
                if (isFull)
                {
                    Array.Resize(ref content, LengthBehind(count));
                    content[count] = next[0];
                }
                count += part;
            }
            _position += count;
            return count == content.Length ? content : content.AsSpan(0, count).ToArray();
        }
        finally
        {
            EndMove();
        }
    }

    private int LengthBehind(int count) =>
        count < Array.MaxLength ? (int)Math.Min(Array.MaxLength, count + Math.Max(ChunkSize, count / 2L)) : throw TooLong();

    private IOException TooLong() => new(
        $"From its position on, '{Path}' has more than the {Array.MaxLength} bytes that an array can hold. Read it in pieces with {nameof(ReadAsync)}.");

    private async Coroutine WriteNextAsync(ReadOnlyMemory<byte> data)
    {
        BeginMove();
        try
        {
            await _loop.WriteFileAsync(_handle, data, _position);
            _position += data.Length;
        }
        finally
        {
            EndMove();
        }
    }

    private async Coroutine WriteAtAsync(ReadOnlyMemory<byte> data, long offset)
    {
        Begin();
        try
        {
            await _loop.WriteFileAsync(_handle, data, offset);
        }
        finally
        {
            End();
        }
    }
}
