namespace AsyncioSharp.Http;

/// <summary>The body of a response. What waits for it is cancelled with the task on whose behalf it waits.</summary>
internal sealed class TaskStream(Stream stream, CancellationToken token) : Stream
{
    private TaskToken _task = new(token);

    public override bool CanRead => stream.CanRead;

    public override bool CanWrite => stream.CanWrite;

    public override bool CanSeek => stream.CanSeek;

    public override bool CanTimeout => stream.CanTimeout;

    public override long Length => stream.Length;

    public override long Position
    {
        get => stream.Position;
        set => stream.Position = value;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var task = _task.Current;
        return cancellationToken.CanBeCanceled && cancellationToken != task
            ? ReadAsync(buffer, cancellationToken, task)
            : stream.ReadAsync(buffer, task);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var task = _task.Current;
        return cancellationToken.CanBeCanceled && cancellationToken != task
            ? WriteAsync(buffer, cancellationToken, task)
            : stream.WriteAsync(buffer, task);
    }

    public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        var task = _task.Current;
        return cancellationToken.CanBeCanceled && cancellationToken != task
            ? CopyAsync(destination, bufferSize, cancellationToken, task)
            : stream.CopyToAsync(destination, bufferSize, task);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override int Read(byte[] buffer, int offset, int count) => stream.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => stream.Read(buffer);

    public override void Write(byte[] buffer, int offset, int count) => stream.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => stream.Write(buffer);

    public override void Flush() => stream.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => stream.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => stream.Seek(offset, origin);

    public override void SetLength(long value) => stream.SetLength(value);

    public override ValueTask DisposeAsync() => stream.DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            stream.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken callers, CancellationToken tasks)
    {
        var both = JoinedTokens.Of(callers, tasks);
        try
        {
            return await stream.ReadAsync(buffer, both.Token).ConfigureAwait(false);
        }
        finally
        {
            both.Part(reuse: true);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken callers, CancellationToken tasks)
    {
        var both = JoinedTokens.Of(callers, tasks);
        try
        {
            await stream.WriteAsync(buffer, both.Token).ConfigureAwait(false);
        }
        finally
        {
            both.Part(reuse: true);
        }
    }

    private async Task CopyAsync(Stream destination, int bufferSize, CancellationToken callers, CancellationToken tasks)
    {
        var both = JoinedTokens.Of(callers, tasks);
        try
        {
            await stream.CopyToAsync(destination, bufferSize, both.Token).ConfigureAwait(false);
        }
        finally
        {
            both.Part(reuse: false); // the destination is the program's, and may keep the token
        }
    }
}
