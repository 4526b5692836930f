namespace AsyncioSharp.Http;

/// <summary>The body of a response. What waits for it is cancelled with the task on whose behalf it waits.</summary>
internal sealed class TaskStream(Stream stream, CancellationToken token) : DelegatingStream(stream)
{
    private TaskToken _task = new(token);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var task = _task.Current;
        return cancellationToken.CanBeCanceled && cancellationToken != task
            ? ReadAsync(buffer, cancellationToken, task)
            : Inner.ReadAsync(buffer, task);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var task = _task.Current;
        return cancellationToken.CanBeCanceled && cancellationToken != task
            ? WriteAsync(buffer, cancellationToken, task)
            : Inner.WriteAsync(buffer, task);
    }

    public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        var task = _task.Current;
        return cancellationToken.CanBeCanceled && cancellationToken != task
            ? CopyAsync(destination, bufferSize, cancellationToken, task)
            : Inner.CopyToAsync(destination, bufferSize, task);
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken callers, CancellationToken tasks)
    {
        var both = JoinedTokens.Of(callers, tasks);
        try
        {
            return await Inner.ReadAsync(buffer, both.Token).ConfigureAwait(false);
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
            await Inner.WriteAsync(buffer, both.Token).ConfigureAwait(false);
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
            await Inner.CopyToAsync(destination, bufferSize, both.Token).ConfigureAwait(false);
        }
        finally
        {
            both.Part(reuse: false); // the destination is the program's, and may keep the token
        }
    }
}
