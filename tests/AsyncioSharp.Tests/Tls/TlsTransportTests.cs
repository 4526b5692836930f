using System.Security.Authentication;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Tls;

/// <summary>Transports over TLS: flow control, pausing, and who is told.</summary>
public abstract class TlsTransportTests(EventLoop loop) : OnTls(loop)
{
    [Fact]
    public void Pauses_and_resumptions_take_turns() => Run(async () =>
    {
        var (sender, receiver) = (new Recorder(), new Recorder());
        await using var server = await ServeAsync(() => receiver, Serving);
        await Loop.CreateConnectionAsync(() => sender, "127.0.0.1", Port(server), Connecting);
        await Until(() => receiver.Transport is not null);
        var data = new byte[100_000];
        var total = 0;
        for (var round = 0; round < 3; round++)
        {
            receiver.Transport.PauseReading();
            for (; !sender.IsPaused; total += data.Length)
                sender.Transport.Write(data);
            receiver.Transport.ResumeReading();
            await Until(() => !sender.IsPaused);
        }
        await Until(() => receiver.DataCount == total);

        Assert.Equal("made pause resume pause resume pause resume", sender.Events);
        sender.Transport.Abort();
    });

    [Fact]
    public void A_protocol_that_is_held_up_may_write_more_and_close() => Run(async () =>
    {
        var (sender, receiver) = (new Recorder(), new Recorder());
        await using var server = await ServeAsync(() => receiver, Serving);
        await Loop.CreateConnectionAsync(() => sender, "127.0.0.1", Port(server), Connecting);
        await Until(() => receiver.Transport is not null);
        sender.Then = happened =>
        {
            if (happened != "pause")
                return;
            sender.Transport.Write("end"u8);
            sender.Transport.Close();
        };
        var data = new byte[1_000_000]; // many records: it is told in the middle of them
        var total = 0;

        receiver.Transport.PauseReading();
        for (; !sender.IsPaused; total += data.Length)
            sender.Transport.Write(data);
        receiver.Transport.ResumeReading();
        await Until(() => receiver.IsLost && sender.IsLost);

        Assert.Equal(total + 3, receiver.DataCount);
        Assert.Equal("end"u8.ToArray(), receiver.Data[^3..]);
        Assert.Equal("made pause resume lost", sender.Events);
    });

    [Fact]
    public void Lowering_the_marks_pauses_at_once() => Run(async () =>
    {
        var (sender, receiver) = (new Recorder(), new Recorder());
        await using var server = await ServeAsync(() => receiver, Serving);
        await Loop.CreateConnectionAsync(() => sender, "127.0.0.1", Port(server), Connecting);
        await Until(() => receiver.Transport is not null);
        receiver.Transport.PauseReading();
        sender.Transport.SetWriteBufferLimits(high: 100_000_000);
        Assert.Equal(100_000_000, sender.Transport.WriteBufferLimits.High);
        while (sender.Transport.WriteBufferSize == 0)
        {
            sender.Transport.Write(new byte[100_000]);
            sender.Transport.Flush();
        }
        Assert.False(sender.IsPaused);

        sender.Transport.SetWriteBufferLimits(high: 0);

        Assert.True(sender.IsPaused);
        sender.Transport.Abort();
        server.AbortClients();
    });

    [Fact]
    public void Nothing_is_delivered_while_reading_is_paused_and_everything_afterwards() => Run(async () =>
    {
        var receiver = new Recorder();
        await using var server = await ServeAsync(() => receiver, Serving);
        var (_, writer) = await ConnectAsync(server, Connecting);
        await Until(() => receiver.Transport is not null);
        var paused = false;
        receiver.Then = happened =>
        {
            Assert.False(paused);
            if (happened != "data")
                return;
            paused = true;
            receiver.Transport.PauseReading();
            Loop.CallLater(TimeSpan.FromMilliseconds(1), () =>
            {
                paused = false;
                receiver.Transport.ResumeReading();
            });
        };
        var data = new byte[500_000];
        new Random(5).NextBytes(data);

        writer.Write(data);
        await Until(() => receiver.DataCount == data.Length);

        Assert.Equal(data, receiver.Data);
        await writer.DisposeAsync();
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(100)]
    [InlineData(1_000_000)]
    [CPythonTest("test_sslproto.py", "BaseStartTLS", "test_buf_feed_data")]
    public void A_buffered_protocol_gets_everything_whatever_room_it_has(int size) => Run(async () =>
    {
        var receiver = new BufferedRecorder(size);
        await using var server = await ServeAsync(() => receiver, Serving);
        var (_, writer) = await ConnectAsync(server, Connecting);
        var data = new byte[50_000];
        new Random(size).NextBytes(data);

        writer.Write(data);
        await writer.DisposeAsync();
        await Until(() => receiver.IsLost);

        Assert.True(receiver.IsAtEof);
        Assert.Equal(data, receiver.Data);
    });

    [Theory]
    [InlineData("GetBuffer", 8)]
    [InlineData("BufferUpdated", 8)]
    [InlineData("EofReceived", 8)]
    [InlineData(null, 0)]
    public void A_buffered_protocol_that_fails_or_gives_no_room_loses_its_connection(string? call, int size) => Run(async () =>
    {
        var receiver = new BufferedRecorder(size) { FailsAt = call };
        await using var server = await ServeAsync(() => receiver, Serving);
        var (_, writer) = await ConnectAsync(server, Connecting);

        writer.Write("data"u8);
        await writer.DisposeAsync();
        await Until(() => receiver.IsLost);

        var failure = Assert.Single(Reports()).Exception!;
        Assert.Same(failure, receiver.Reason);
        if (call is null)
            Assert.Contains("empty buffer", failure.Message, StringComparison.Ordinal);
    });

    [Fact]
    [CPythonTest("test_sslproto.py", "SslProtoHandshakeTests", "test_set_new_app_protocol")]
    public void The_protocol_can_be_exchanged_between_two_pieces_of_data() => Run(async () =>
    {
        var second = new BufferedRecorder(1);
        var first = new Recorder();
        first.Then = happened =>
        {
            if (happened == "data")
                first.Transport.SetProtocol(second);
        };
        await using var server = await ServeAsync(() => first, Serving);
        var (_, writer) = await ConnectAsync(server, Connecting);

        writer.Write("one"u8);
        await Until(() => first.DataCount == 3);
        Assert.Same(second, first.Transport.GetProtocol());
        writer.Write("two"u8);
        await Until(() => second.Data.Count == 3);
        await writer.DisposeAsync();
        await Until(() => second.IsLost);

        Assert.Equal("made data", first.Events);
        Assert.Throws<ArgumentNullException>("protocol", () => first.Transport.SetProtocol(null!));
    });

    [Fact]
    public void It_cannot_be_half_closed() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync, Serving);
        var (_, writer) = await ConnectAsync(server, Connecting);

        Assert.False(writer.CanWriteEof);
        Assert.Throws<NotSupportedException>(writer.WriteEof);

        await writer.DisposeAsync();
    });

    [Fact]
    public void Options_can_be_changed_for_the_next_connection() => Run(async () =>
    {
        await using var server = await ServeAsync(EchoAsync, Serving);
        var tls = Certificates.Client;
        var client = new Recorder();
        var connecting = Loop.CreateConnectionAsync(() => client, "127.0.0.1", Port(server), new ConnectionOptions { Tls = tls });
        tls.TargetHost = "elsewhere.example";
        tls.EnabledSslProtocols = SslProtocols.Tls12;
        var (transport, _) = await connecting;

        Assert.Equal("localhost", transport.SslStream!.TargetHostName);
        Assert.Equal(SslProtocols.Tls13, transport.SslStream.SslProtocol);
        transport.Close();
        await Until(() => client.IsLost);
    });
}

public sealed class EpollTlsTransportTests() : TlsTransportTests(new EpollEventLoop());

public sealed class IoUringTlsTransportTests() : TlsTransportTests(IoUring.NewLoop());

public sealed class PortableTlsTransportTests() : TlsTransportTests(new PortableEventLoop());
