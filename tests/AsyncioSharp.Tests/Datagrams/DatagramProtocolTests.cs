using System.Net;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Datagrams;

/// <summary>A protocol that wants to know nothing.</summary>
public class DatagramProtocolTests
{
    [Fact]
    [CPythonTest("test_protocols.py", "ProtocolsAbsTests", "test_datagram_protocol")]
    public void Nothing_has_to_be_overridden()
    {
        var protocol = new Indifferent();

        protocol.ConnectionMade(null!);
        protocol.DatagramReceived("data"u8, new IPEndPoint(IPAddress.Loopback, 1));
        protocol.ErrorReceived(new IOException());
        protocol.PauseWriting();
        protocol.ResumeWriting();
        protocol.ConnectionLost(new IOException());
    }

    private sealed class Indifferent : DatagramProtocol;
}
