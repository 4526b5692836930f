using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

/// <summary>Transports over a real connection, and the order in which their protocols are told what happens.</summary>
public abstract partial class TransportTests(EventLoop loop) : OnNetwork(loop)
{
    // Two protocols joined by a connection.
    private async Coroutine JoinAsync(Recorder client, Recorder server, Func<Server, Coroutine> body)
    {
        await using var listener = await ServeAsync(() => server);
        await ConnectAsync(listener, () => client);
        await Until(() => server.Transport is not null);
        await body(listener);
        client.Transport.Abort();
        server.Transport!.Abort();
        await Until(() => client.IsLost && server.IsLost);
    }

    [Fact]
    public void What_comes_behind_urgent_data_is_not_forgotten() => Run(async () =>
    {
        var protocol = new Recorder();
        await using var server = await ServeAsync(() => protocol);
        using var peer = ConnectSocket(server);
        await Until(() => protocol.Transport is not null);

        peer.Send("ab"u8);
        peer.Send("!"u8, SocketFlags.OutOfBand); // where a receive stops, however much is there
        peer.Send("cd"u8);

        await Until(() => protocol.DataCount == 4);
        Assert.Equal("abcd"u8.ToArray(), protocol.Data);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_ctor_with_waiter")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_read_ready_eof")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_read_ready")]
    [CPythonTest("test_selector_events.py", "SelectorTransportTests", "test_close")]
    [CPythonTest("test_selector_events.py", "SelectorTransportTests", "test_connection_lost")]
    [CPythonTest("test_selector_events.py", "SelectorTransportTests", "test_ctor")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_ctor")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write")]
    [CPythonTest("test_selector_events.py", "BaseSelectorEventLoopTests", "test_make_socket_transport")]
    public void A_protocol_is_told_everything_in_order() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, async _ =>
        {
            client.Transport.Write("hello"u8);
            client.Transport.Close();
            client.Transport.Close();
            Assert.True(client.Transport.IsClosing);
            Assert.False(client.IsLost);
            await Until(() => server.IsLost);
        });

        Assert.Equal("made data eof lost", server.Events);
        Assert.Equal("made lost", client.Events);
        Assert.Null(server.Reason);
        Assert.Null(client.Reason);
        Assert.Equal(Bytes("hello"), server.Data);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_pause_resume_reading")]
    public void Reading_can_be_paused_and_resumed_any_number_of_times() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, async _ =>
        {
            Assert.True(server.Transport.IsReading);
            server.Transport.PauseReading();
            server.Transport.PauseReading();
            Assert.False(server.Transport.IsReading);
            client.Transport.Write("held"u8);
            await PassAsync(client, server);
            Assert.Empty(server.Data);

            server.Transport.ResumeReading();
            server.Transport.ResumeReading();
            Assert.True(server.Transport.IsReading);
            Assert.Empty(server.Data); // not at once, but in its turn
            await Until(() => server.DataCount == 4);

            server.Transport.Close();
            Assert.False(server.Transport.IsReading);
            server.Transport.PauseReading();
            server.Transport.ResumeReading();
            Assert.False(server.Transport.IsReading);
        });
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_pause_reading_connection_made")]
    public void Reading_paused_as_the_connection_is_made_stays_paused() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        server.Then = happened =>
        {
            if (happened == "made")
                server.Transport.PauseReading();
        };
        await JoinAsync(client, server, async _ =>
        {
            client.Transport.Write("held"u8);
            await PassAsync(client, server);
            Assert.Equal("made", server.Events);
            Assert.False(server.Transport.IsReading);

            server.Transport.ResumeReading();
            await Until(() => server.DataCount == 4);
        });
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_no_data")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_sendmsg_no_data")]
    public void Writing_nothing_does_nothing() => Run(async () =>
    {
        var (client, server) = (new Recorder(), new Recorder());
        await JoinAsync(client, server, async _ =>
        {
            client.Transport.Write([]);
            client.Transport.WriteLines([]);
            client.Transport.WriteLines([ReadOnlyMemory<byte>.Empty]);
            Assert.Equal(0, client.Transport.WriteBufferSize);
            server.Transport.PauseReading();
            FillUp(client.Transport);
            var size = client.Transport.WriteBufferSize;
            client.Transport.Write([]);
            Assert.Equal(size, client.Transport.WriteBufferSize);
            await PassAsync(client, server);
        });
    });

    // Lets data that is on its way arrive, by sending some the other way and back.
    private static async Coroutine PassAsync(Recorder client, Recorder server)
    {
        var count = client.DataCount + 1;
        server.Transport.Write("p"u8);
        await Until(() => client.DataCount == count);
        await Expect.Turns(2);
    }

    // Writes until the protocol is asked to stop, and says how much that was.
    private static int FillUp(Transport transport)
    {
        var data = new byte[256 * 1024];
        var size = 0;
        while (transport.WriteBufferSize <= transport.WriteBufferLimits.High)
        {
            transport.Write(data);
            size += data.Length;
        }
        return size;
    }

    // The same, until the system takes no more at all: io_uring may have taken something on the other side, although that is paused.
    private static async Coroutine<int> FillUpForGoodAsync(Transport transport)
    {
        var size = 0;
        do
        {
            size += FillUp(transport);
            await Expect.Turns(5);
        }
        while (transport.WriteBufferSize <= transport.WriteBufferLimits.High);
        return size;
    }
}

public sealed class EpollTransportTests() : TransportTests(new EpollEventLoop());

public sealed class IoUringTransportTests() : TransportTests(IoUring.NewLoop());

public sealed class PortableTransportTests() : TransportTests(new PortableEventLoop());
