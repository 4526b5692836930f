namespace AsyncioSharp.LowLevel;

/// <summary>
/// What the connections of all loops have in common: how far one is, what waits to be sent, and in which order the protocol
/// is told what happens. A loop's own class receives and sends.
/// </summary>
internal abstract partial class StreamTransport : Transport
{
    private protected readonly EventLoop Loop;

    private Server? _server;
    private StreamProtocol _protocol;
    private TransportLifetime _lifetime;

    /// <summary>Makes the transport of a connection.</summary>
    /// <param name="loop">Its loop.</param>
    /// <param name="protocol">Its protocol.</param>
    /// <param name="server">The server that accepted it, if one did.</param>
    /// <param name="made">To be completed when the protocol was told of the connection.</param>
    private protected StreamTransport(EventLoop loop, StreamProtocol protocol, Server? server, Future<bool>? made)
    {
        Loop = loop;
        _protocol = protocol;
        _server = server;
        _lifetime = new TransportLifetime(made);
        Plain = protocol as Protocol;
        Buffered = protocol as BufferedProtocol;
        if (loop.Debug)
            loop.Origins!.Note(this);
    }

    private protected ref TransportState State => ref _lifetime.State;

    public sealed override bool IsClosing => (State & TransportState.Closing) != 0;

    private protected bool IsFinished => (State & TransportState.Finished) != 0;

    public sealed override StreamProtocol GetProtocol() => _protocol;

    public sealed override void SetProtocol(StreamProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        Loop.CheckThread();
        _protocol = protocol;
        Plain = protocol as Protocol;
        Buffered = protocol as BufferedProtocol;
    }

    public override string ToString() => $"<Transport {Socket?.Handle} {LocalEndPoint} - {RemoteEndPoint}{(IsClosing ? " closing" : "")}>";

    private void Report(string what, Exception exception) => Loop.ReportProtocol(_protocol, what, exception, this);
}
