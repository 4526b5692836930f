using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

/// <summary>Protocols that say where data is to be put.</summary>
public abstract class BufferedProtocolTests(EventLoop loop) : OnNetwork(loop)
{
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(5000)]
    [InlineData(100_000)]
    [CPythonTest("test_buffered_proto.py", "BaseTestBufferedProtocol", "test_buffered_proto_create_connection")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportBufferedProtocolTests", "test_read_ready")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportBufferedProtocolTests", "test_read_ready_eof")]
    public void Data_is_received_into_a_buffer_of_any_size(int size) => Run(async () =>
    {
        var data = new byte[10_000];
        new Random(1).NextBytes(data);
        await using var server = await ServeAsync(async (_, writer) =>
        {
            writer.Write(data);
            await writer.DisposeAsync();
        });

        var (_, protocol) = await ConnectAsync(server, () => new BufferedRecorder(size));
        await Until(() => protocol.IsLost);

        Assert.Equal(data, protocol.Data);
        Assert.Null(protocol.Reason);
    });

    [Fact]
    public void A_peer_that_sends_faster_than_the_protocol_takes_has_to_wait() => Run(async () =>
    {
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 64 * 1024 };
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var protocol = new Slow();
        await using var server = await Loop.CreateServerAsync(() => protocol, null, 0, new ServerOptions { Socket = listening });
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 64 * 1024 };
        peer.Connect(listening.LocalEndPoint!);
        peer.Blocking = false;
        await Until(() => protocol.Transport is not null);

        var sent = 0;
        var error = SocketError.Success;
        while (sent < 2 * 1024 * 1024)
        {
            sent += peer.Send(new byte[4096], SocketFlags.None, out error);
            if (error == SocketError.WouldBlock)
                break;
            await Asyncio.Sleep(0.001); // for real: more at once is received in another way
        }

        Assert.Equal(SocketError.WouldBlock, error);
        await Until(() => protocol.Count > 0);
        protocol.Transport!.Abort();
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportBufferedProtocolTests", "test_ctor")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportBufferedProtocolTests", "test_read_ready_eof_keep_open")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportBufferedProtocolTests", "test_read_eof_received_error")]
    public void It_decides_on_the_peers_end_too(bool fails) => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            writer.WriteEof();
            await reader.ReadAsync();
            await writer.DisposeAsync();
        });

        var (transport, protocol) = await ConnectAsync(
            server, () => new BufferedRecorder(10) { FailsAt = fails ? "EofReceived" : null, KeepsOpen = true });
        await Until(() => protocol.IsAtEof);

        Assert.Equal(fails, transport.IsClosing);
        if (fails)
            Assert.IsType<DivideByZeroException>(Assert.Single(Reports()).Exception);
        transport.Close();
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportBufferedProtocolTests", "test_read_ready_conn_reset")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportBufferedProtocolTests", "test_read_ready_err")]
    public void A_reset_is_told_to_it() => Run(async () =>
    {
        var protocol = new BufferedRecorder(10);
        await using var server = await ServeAsync(() => protocol);

        Reset(ConnectSocket(server));
        await Until(() => protocol.IsLost);

        Assert.IsType<System.Net.Sockets.SocketException>(protocol.Reason);
    });

    [Theory]
    [InlineData("GetBuffer")]
    [InlineData("BufferUpdated")]
    [InlineData(null)]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportBufferedProtocolTests", "test_get_buffer_error")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportBufferedProtocolTests", "test_get_buffer_zerosized")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportBufferedProtocolTests", "test_buffer_updated_error")]
    public void A_protocol_that_fails_or_has_no_room_is_reported_and_its_connection_closed(string? failsAt) => Run(async () =>
    {
        await using var server = await ServeAsync((_, writer) =>
        {
            writer.Write("data"u8);
            writer.Close();
            return Coroutine.Completed;
        });

        var (_, protocol) = await ConnectAsync(server, () => new BufferedRecorder(failsAt is null ? 0 : 10) { FailsAt = failsAt });
        await Until(() => protocol.IsLost);

        var report = Assert.Single(Reports());
        Assert.Same(protocol.Reason, report.Exception);
        if (failsAt is null)
            Assert.StartsWith("GetBuffer returned an empty buffer", report.Exception!.Message);
        else
            Assert.IsType<DivideByZeroException>(report.Exception);
    });

    [Fact]
    [CPythonTest("test_protocols.py", "ProtocolsAbsTests", "test_base_protocol")]
    [CPythonTest("test_protocols.py", "ProtocolsAbsTests", "test_protocol")]
    [CPythonTest("test_protocols.py", "ProtocolsAbsTests", "test_buffered_protocol")]
    public void A_protocol_need_not_override_anything()
    {
        var protocol = new Silent();

        protocol.ConnectionMade(null!);
        protocol.DataReceived("x"u8);
        protocol.PauseWriting();
        protocol.ResumeWriting();
        Assert.False(protocol.EofReceived());
        protocol.ConnectionLost(null);
    }

    private sealed class Silent : Protocol;

    /// <summary>Takes a byte at a time, and its time for each.</summary>
    private sealed class Slow : BufferedProtocol
    {
        private readonly byte[] _buffer = new byte[1];

        public Transport? Transport { get; private set; }

        public int Count { get; private set; }

        public override void ConnectionMade(Transport transport) => Transport = transport;

        public override Memory<byte> GetBuffer(int sizeHint) => _buffer;

        public override void BufferUpdated(int count)
        {
            Count += count;
            Thread.SpinWait(1000);
        }
    }
}

public sealed class EpollBufferedProtocolTests() : BufferedProtocolTests(new EpollEventLoop());

public sealed class IoUringBufferedProtocolTests() : BufferedProtocolTests(IoUring.NewLoop());

public sealed class PortableBufferedProtocolTests() : BufferedProtocolTests(new PortableEventLoop());
