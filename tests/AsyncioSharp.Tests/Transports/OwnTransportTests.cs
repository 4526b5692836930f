using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

/// <summary>A transport that a program derives itself.</summary>
public class OwnTransportTests
{
    [Fact]
    [CPythonTest("test_transports.py", "TransportTests", "test_ctor_extra_is_none")]
    [CPythonTest("test_transports.py", "TransportTests", "test_get_extra_info")]
    public void It_has_no_addresses_and_no_socket_unless_it_says_so()
    {
        Transport transport = new Own();

        Assert.Null(transport.LocalEndPoint);
        Assert.Null(transport.RemoteEndPoint);
        Assert.Null(transport.Socket);
    }

    [Fact]
    [CPythonTest("test_transports.py", "TransportTests", "test_writelines")]
    public void Several_pieces_are_written_as_one()
    {
        var transport = new Own();

        transport.WriteLines(["line1"u8.ToArray(), "line2"u8.ToArray(), "line3"u8.ToArray()]);

        Assert.Equal("line1line2line3"u8.ToArray(), Assert.Single(transport.Writes));
        Assert.Throws<ArgumentNullException>("pieces", () => transport.WriteLines(null!));
    }

    private sealed class Own : Transport
    {
        public List<byte[]> Writes { get; } = [];

        public override bool IsClosing => false;

        public override bool IsReading => true;

        public override int WriteBufferSize => 0;

        public override WriteBufferLimits WriteBufferLimits => WriteBufferLimits.Default;

        public override StreamProtocol GetProtocol() => throw new NotSupportedException();

        public override void SetProtocol(StreamProtocol protocol) { }

        public override void Write(ReadOnlySpan<byte> data) => Writes.Add(data.ToArray());

        public override void WriteEof() { }

        public override void Close() { }

        public override void Abort() { }

        public override void PauseReading() { }

        public override void ResumeReading() { }

        public override void SetWriteBufferLimits(int? high = null, int? low = null) { }
    }
}
