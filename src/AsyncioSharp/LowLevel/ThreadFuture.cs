namespace AsyncioSharp.LowLevel;

/// <summary>What a function on another thread will return. It is a class of its own so that call graphs can say so.</summary>
internal sealed class ThreadFuture<T>(EventLoop loop) : Future<T>(loop)
{
    private protected override string Label => "Thread";

    private protected override string WaitText => "a function on another thread";
}
