namespace AsyncioSharp.Tests.Traces;

/// <summary>A resource that tells when it is opened and closed, the twin of a class with <c>__aenter__</c> and <c>__aexit__</c>.</summary>
internal sealed class TracedResource : IAsyncDisposable
{
    private readonly Trace _trace;
    private readonly string _name;
    private readonly string? _failure;

    private TracedResource(Trace trace, string name, string? failure)
    {
        _trace = trace;
        _name = name;
        _failure = failure;
    }

    public static async Coroutine<TracedResource> OpenAsync(Trace trace, string name, string? failure = null)
    {
        trace.Line("open", name);
        return new TracedResource(trace, name, failure);
    }

    public async ValueTask DisposeAsync()
    {
        _trace.Line("closing", _name);
        await Asyncio.Yield();
        _trace.Line("closed", _name);
        if (_failure is not null)
            throw new FormatException(_failure);
    }
}
