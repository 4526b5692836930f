using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Http;

/// <summary>
/// A handler for each loop on which requests are made: <see cref="IHttpClientFactory"/> shares one among all that ask for a client
/// of a name, whatever loop they run on, and keeps it when a service goes on on a new loop.
/// </summary>
internal sealed class LoopHttpHandlers(Func<AsyncioHttpHandler> make) : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private bool _disposed;

    private sealed record Entry(EventLoop Loop, HttpMessageInvoker Invoker);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Choose(EventLoop.RunningOrNull).SendAsync(request, cancellationToken);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Choose(EventLoop.RunningOrNull).Send(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        Entry[] entries;
        lock (_lock)
        {
            _disposed = true;
            entries = [.. _entries];
            _entries.Clear();
        }
        if (disposing)
            Array.ForEach(entries, static entry => entry.Invoker.Dispose());
        base.Dispose(disposing);
    }

    private HttpMessageInvoker Choose(EventLoop? loop)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(AsyncioHttpHandler));
            foreach (var entry in _entries)
            {
                if (ReferenceEquals(entry.Loop, loop))
                    return entry.Invoker;
            }
            DropClosed();
            return loop is null ? ForNoLoop() : Add(loop);
        }
    }

    // Code that a request has brought to the thread pool, where it makes another.
    private HttpMessageInvoker ForNoLoop() => _entries switch
    {
        [var only] => only.Invoker,
        [] => throw new InvalidOperationException(
            "No event loop runs on this thread, and these clients were used on none yet. " +
            "Use them first in a coroutine, or give them a loop with AsyncioHttpOptions.Loop."),
        _ => throw new InvalidOperationException(
            "No event loop runs on this thread, and these clients are used on several: which one's connections are meant? " +
            "Make the request in a coroutine, or give the clients a loop with AsyncioHttpOptions.Loop."),
    };

    private HttpMessageInvoker Add(EventLoop loop)
    {
        var invoker = new HttpMessageInvoker(make());
        _entries.Add(new Entry(loop, invoker));
        return invoker;
    }

    private void DropClosed()
    {
        foreach (var entry in _entries.FindAll(static entry => entry.Loop.IsClosed))
        {
            _entries.Remove(entry);
            entry.Invoker.Dispose();
        }
    }
}
