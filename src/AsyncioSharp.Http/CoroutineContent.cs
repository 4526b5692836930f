using System.Net;
using System.Net.Http.Headers;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Http;

/// <summary>
/// A request's body that a coroutine writes while it is sent (aiohttp's asynchronous generators for <c>data</c>). It runs on the
/// loop, in a task of its own that is cancelled with the request, and waits where the server does not keep up.
/// </summary>
/// <remarks>A request that is sent again, as after some redirects, has it written again.</remarks>
public sealed class CoroutineContent : HttpContent
{
    private readonly EventLoop _loop = EventLoop.Running;
    private readonly Func<Stream, Coroutine> _write;
    private readonly long? _length;

    /// <summary>Makes a body.</summary>
    /// <param name="write">Writes it: <c>await body.WriteAsync(…)</c>.</param>
    /// <param name="mediaType">Its type.</param>
    /// <param name="length">How many bytes it will be. If that is not known it is sent in chunks.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    /// <exception cref="FormatException">The media type is none.</exception>
    /// <exception cref="InvalidOperationException">No loop runs on this thread.</exception>
    public CoroutineContent(Func<Stream, Coroutine> write, string mediaType = "application/octet-stream", long? length = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(mediaType);
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0, nameof(length));
        _write = write;
        _length = length;
        Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        Asyncio.RunCoroutineThreadsafe(WriteAsync(stream), _loop, cancellationToken);

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _length ?? 0;
        return _length is not null;
    }

    // Called inside the loop, also where it is no async lambda.
    private async Coroutine WriteAsync(Stream stream) => await _write(stream);
}
