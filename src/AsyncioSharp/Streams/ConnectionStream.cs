using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>A connection as a <see cref="Stream"/>, for libraries that want one.</summary>
/// <param name="loop">The connection's loop.</param>
/// <param name="reader">What is read from; null for a stream that can only be written.</param>
/// <param name="writer">What is written to; null for a stream that can only be read.</param>
internal sealed class ConnectionStream(EventLoop loop, AsyncStreamReader? reader, AsyncStreamWriter? writer) : LoopStream
{
    public override bool CanRead => reader is not null;

    public override bool CanWrite => writer is not null;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (reader is null)
            throw new NotSupportedException("This stream can only be written to.");
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellationToken);
        return loop.IsOnThread && reader.Exception is null && reader.TryRead(buffer.Span, out var count)
            ? new ValueTask<int>(count)
            : ForeignValueTask<int>.Of(ReadAsync(reader, buffer), loop, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (writer is null)
            throw new NotSupportedException("This stream can only be read from.");
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (!loop.IsOnThread)
            return ForeignValueTask<VoidResult>.Of(WriteAndDrainAsync(writer, buffer), loop, cancellationToken);
        writer.Write(buffer.Span);
        return Drain(writer, cancellationToken);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (writer is null)
            throw new NotSupportedException("This stream can only be read from.");
        writer.Write(buffer);
    }

    public override void Flush()
    {
        if (loop.IsOnThread)
            writer?.Flush(); // what other threads have written leaves with the step in which it comes to the loop
    }

    /// <summary>Sends what was written, and waits for a slow peer.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        if (writer is null)
            return Task.CompletedTask;
        if (!loop.IsOnThread)
            return ForeignValueTask<VoidResult>.Of(WriteAndDrainAsync(writer, default), loop, cancellationToken).AsTask();
        writer.Flush();
        return Drain(writer, cancellationToken).AsTask();
    }

    public override async ValueTask DisposeAsync()
    {
        if (writer is not null)
            await CloseAsync(writer).ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing || writer is null)
            return;
        if (loop.IsOnThread)
            writer.Close();
        else
            loop.PostOrDrop(new ThreadsafeCallback(writer.Close, null));
    }

    private ValueTask Drain(AsyncStreamWriter writer, CancellationToken cancellationToken)
    {
        var drained = writer.DrainAsync();
        return drained.GetAwaiter().IsCompleted ? default : ForeignValueTask<VoidResult>.Of(drained, loop, cancellationToken);
    }

    private static async Coroutine<int> ReadAsync(AsyncStreamReader reader, Memory<byte> buffer)
    {
        if (!buffer.IsEmpty)
            return await reader.ReadAsync(buffer);
        await reader.WaitForDataAsync(); // that is what .NET reads no bytes for
        return 0;
    }

    private static async Coroutine WriteAndDrainAsync(AsyncStreamWriter writer, ReadOnlyMemory<byte> buffer)
    {
        writer.Write(buffer.Span);
        await writer.DrainAsync();
    }

    private async ValueTask CloseAsync(AsyncStreamWriter writer)
    {
        try
        {
            await ForeignValueTask<VoidResult>.Of(CloseOnLoopAsync(writer), loop, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ObjectDisposedException) when (loop.IsClosed)
        {
            // And the connection with it.
        }
    }

    private static async Coroutine CloseOnLoopAsync(AsyncStreamWriter writer) => await writer.DisposeAsync();
}
