using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

// Protocols that fail, and that give way to others.
public abstract partial class TransportTests
{
    [Theory]
    [InlineData("made")]
    [InlineData("data")]
    [InlineData("eof")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_data_received_error")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_read_eof_received_error")]
    [CPythonTest("test_selector_events.py", "SelectorTransportTests", "test_fatal_error_custom_exception")]
    public void A_protocol_that_fails_is_reported_and_its_connection_closed(string call) => Run(async () =>
    {
        var server = new Recorder { FailsAt = call };
        await using var listener = await ServeAsync(() => server);
        var (transport, client) = await ConnectAsync(listener, () => new Recorder());
        transport.Write("x"u8);
        transport.WriteEof();

        await Until(() => server.IsLost && client.IsLost);

        var report = Assert.Single(Reports());
        Assert.Equal(call, Assert.IsType<DivideByZeroException>(report.Exception).Message);
        Assert.Same(server.Transport, report.Source);
        Assert.Same(report.Exception, server.Reason);
    });

    [Fact]
    public void A_protocol_that_fails_at_the_end_is_reported() => Run(async () =>
    {
        var server = new Recorder { FailsAt = "lost" };
        await using var listener = await ServeAsync(() => server);
        var (transport, client) = await ConnectAsync(listener, () => new Recorder());

        transport.Close();
        await Until(() => client.IsLost && server.IsLost && listener.ClientCount == 0);

        Assert.Single(Reports());
    });

    [Fact]
    public void A_connection_whose_protocol_fails_at_once_is_not_made() => Run(async () =>
    {
        await using var listener = await ServeAsync(() => new Recorder());
        var client = new Recorder { FailsAt = "made" };

        await Expect.ThrowsAsync<DivideByZeroException>(async () => await ConnectAsync(listener, () => client));

        await Until(() => client.IsLost);
        Assert.Equal("made lost", client.Events);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportBufferedProtocolTests", "test_proto_type_switch")]
    public void The_protocol_can_be_exchanged_for_one_of_another_kind() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, async _ =>
        {
            client.Transport.Write("one"u8);
            await Until(() => server.DataCount == 3);

            var buffered = new BufferedRecorder(2);
            server.Transport.SetProtocol(buffered);
            Assert.Same(buffered, server.Transport.GetProtocol());
            client.Transport.Write("two"u8);
            await Until(() => buffered.Data.Count == 3);

            server.Transport.SetProtocol(server);
            client.Transport.Write("three"u8);
            await Until(() => server.DataCount == 8);
            Assert.Equal(Bytes("two"), buffered.Data);
        });
        Assert.Equal(Bytes("onethree"), server.Data);
    });

    [Fact]
    public void The_protocol_can_be_exchanged_while_it_is_told_something() => Run(async () =>
    {
        var (client, first) = (new Recorder(), new Recorder());
        var (second, third) = (new BufferedRecorder(3), new Recorder { KeepOpen = true });
        first.Then = happened =>
        {
            if (happened == "data")
                first.Transport.SetProtocol(second);
        };
        await JoinAsync(client, first, async _ =>
        {
            client.Transport.Write("a"u8);
            await Until(() => first.DataCount == 1);
            client.Transport.Write("bcdef"u8);
            await Until(() => second.Data.Count == 5);
            first.Transport.SetProtocol(third);
            client.Transport.WriteEof();
            await Until(() => third.Events == "eof");
            first.Transport.SetProtocol(first); // which the end is told
        });

        Assert.Equal("made data lost", first.Events);
        Assert.Equal("eof", third.Events);
        Assert.False(second.IsAtEof);
        Assert.False(second.IsLost);
        Assert.Equal(Bytes("a"), first.Data);
    });

    [Fact]
    public void A_protocol_can_give_way_to_streams() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, async _ =>
        {
            client.Transport.Write("upgrade"u8);
            await Until(() => server.DataCount == 7);
            var reader = new AsyncStreamReader();
            var streams = new StreamReaderProtocol(reader);
            server.Transport.SetProtocol(streams);
            streams.ConnectionMade(server.Transport);
            await using var writer = new AsyncStreamWriter(server.Transport, streams, reader);

            client.Transport.Write("line\n"u8);
            Assert.Equal(Bytes("line\n"), await reader.ReadLineAsync());
            writer.Write("answer"u8);
            await Until(() => client.DataCount == 6);
            server.Transport.SetProtocol(server);
            streams.ConnectionLost(null);
        });
        Assert.Equal(Bytes("upgrade"), server.Data);
    });
}
