using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Echo;

/// <summary>Sends everything back, on the low-level API.</summary>
internal sealed class EchoProtocol : Protocol
{
    private Transport? _transport;

    public override void ConnectionMade(Transport transport) => _transport = transport;

    public override void DataReceived(ReadOnlySpan<byte> data) => _transport!.Write(data);
}
