using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

/// <summary>A protocol that tells what it is told; what comes in any order it tells in alphabetical order at the end.</summary>
internal sealed class TracedProcess(Trace trace) : SubprocessProtocol
{
    private readonly List<byte>[] _data = [[], [], []];
    private readonly List<string> _middle = [];
    private readonly Future<bool> _over = EventLoop.Running.CreateFuture<bool>();
    private SubprocessTransport? _transport;

    /// <summary>Completes when everything is over.</summary>
    public Future Over => _over;

    /// <summary>What has come from a pipe.</summary>
    public byte[] Data(int descriptor) => [.. _data[descriptor]];

    public override void ConnectionMade(SubprocessTransport transport)
    {
        trace.Line("made");
        _transport = transport;
    }

    public override void PipeDataReceived(int descriptor, ReadOnlySpan<byte> data) => _data[descriptor].AddRange(data);

    public override void PipeConnectionLost(int descriptor, Exception? exception) =>
        _middle.Add($"pipe {descriptor} lost {exception?.Message ?? "None"}");

    public override void ProcessExited() => _middle.Add($"exited {_transport!.ReturnCode}");

    public override void ConnectionLost(Exception? exception)
    {
        foreach (var line in _middle.Order(StringComparer.Ordinal))
            trace.Line(line);
        trace.Line("lost", exception);
        _over.SetResult(true);
    }
}
