using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Http;

/// <summary>The connection under a WebSocket that is served. What is left to send when it is disposed of has some time to leave.</summary>
/// <remarks>.NET ends a connection only by disposing of its stream, whether all was said or the peer has stopped to take anything.</remarks>
/// <param name="writer">The connection's writer.</param>
/// <param name="rest">How long the rest may take.</param>
internal sealed class ServedConnection(AsyncStreamWriter writer, TimeSpan rest) : DelegatingStream(writer.AsStream())
{
    private readonly EventLoop _loop = EventLoop.Running;

    /// <summary>Ends the connection at once, on the loop's thread.</summary>
    public void Abort() => writer.Transport.Abort();

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing)
            return;
        if (_loop.IsOnThread)
        {
            LimitRest();
            return;
        }
        try
        {
            _loop.CallSoonThreadsafe(LimitRest); // a keep-alive without an answer ends it from the thread pool
        }
        catch (InvalidOperationException) when (_loop.IsClosed)
        {
            // And the connection with it.
        }
    }

    private void LimitRest()
    {
        if (writer.Transport.WriteBufferSize > 0 && rest != Timeout.InfiniteTimeSpan)
            _loop.CallLater(rest, static transport => transport.Abort(), writer.Transport);
    }
}
