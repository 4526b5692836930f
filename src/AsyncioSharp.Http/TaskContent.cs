using System.Net;

namespace AsyncioSharp.Http;

/// <summary>The content of a response. Reading it is cancelled with the task that reads.</summary>
internal sealed class TaskContent : HttpContent
{
    private readonly HttpContent _content;
    private TaskToken _task;

    public TaskContent(HttpContent content, CancellationToken token)
    {
        _content = content;
        _task = new TaskToken(token);
        foreach (var (name, values) in content.Headers.NonValidated)
        {
            if (values.Count == 1)
                Headers.TryAddWithoutValidation(name, values.ToString());
            else
                Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var task = _task.Current;
        return cancellationToken.CanBeCanceled
            ? CopyAsync(stream, context, cancellationToken, task)
            : _content.CopyToAsync(stream, context, task);
    }

    // SocketsHttpHandler has the stream of what it received ready: nothing is read here.
    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(CreateContentReadStream(CancellationToken.None));

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) =>
        new TaskStream(_content.ReadAsStream(cancellationToken), _task.Current);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false; // what the server said is among the headers
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _content.Dispose();
        base.Dispose(disposing);
    }

    private async Task CopyAsync(Stream stream, TransportContext? context, CancellationToken callers, CancellationToken tasks)
    {
        var both = JoinedTokens.Of(callers, tasks);
        try
        {
            await _content.CopyToAsync(stream, context, both.Token).ConfigureAwait(false);
        }
        finally
        {
            // The buffer of HttpContent keeps no token; a stream of the program's may.
            both.Part(reuse: stream.GetType().Assembly == typeof(HttpContent).Assembly);
        }
    }
}
