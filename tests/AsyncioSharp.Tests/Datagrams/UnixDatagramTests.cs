using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Datagrams;

/// <summary>Datagram endpoints over Unix sockets, which lose nothing: who sends too much has to wait.</summary>
public abstract class UnixDatagramTests(EventLoop loop) : OnNetwork(loop), IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private UnixDomainSocketEndPoint Name(string name) => new(Path.Combine(_folder.FullName, name));

    private Coroutine<(DatagramTransport Transport, DatagramRecorder Protocol)> OpenAsync(
        string? local, string? remote = null, string? answer = null) =>
        Loop.CreateDatagramEndpointAsync(
            () => new DatagramRecorder { Answer = answer }, local is null ? null : Name(local), remote is null ? null : Name(remote));

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_sock_unix")]
    public void A_client_is_answered() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync("server", answer: "re:");
        var (client, protocol) = await OpenAsync("client", "server");
        client.SendTo("data"u8);
        await Until(() => protocol.Received.Count == 1);
        Assert.Equal(["re:data"], protocol.Received);
        Assert.Equal(Name("client"), serverProtocol.Senders[0]);
        client.Close();
        server.Close();
        await Until(() => protocol.IsLost && serverProtocol.IsLost);
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_datagram_endpoint_existing_sock_unix")]
    public void The_file_that_an_endpoint_left_behind_is_replaced() => Run(async () =>
    {
        using var stale = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        stale.Bind(Name("server"));
        stale.SafeHandle.Dispose(); // the socket itself would remove the file
        File.WriteAllText(Path.Combine(_folder.FullName, "file"), "of another kind");
        var (server, protocol) = await OpenAsync("server");
        server.Close();
        await Until(() => protocol.IsLost);
        await Expect.ThrowsAsync<SocketException>(OpenAsync("file"));
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_tryagain")]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_buffer")]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_sendto_ready")]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_sendto_ready_blocked")]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_ready")]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_ready_closing")]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_ready_no_data")]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_ready_tryagain")]
    public void What_the_system_does_not_take_is_sent_later_and_writing_is_held_up() => Run(async () =>
    {
        using var slow = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        slow.Bind(Name("slow"));
        var (client, protocol) = await OpenAsync(null, "slow");
        client.SetWriteBufferLimits(high: 300, low: 150);
        var sent = 0;
        while (client.WriteBufferSize == 0)
            client.SendTo(new byte[sent++]);
        Assert.Equal(sent - 1 + 8, client.WriteBufferSize);
        Assert.Equal("made", protocol.Events);
        while (client.WriteBufferSize <= 300)
            client.SendTo(new byte[sent++]);
        client.SendTo(new byte[sent++]);
        Assert.Equal("made pause", protocol.Events);

        // While some wait, the endpoint is closed: all of them are sent still.
        var received = 0;
        var buffer = new byte[100_000];
        void ReceiveOne() => Assert.Equal(received++, slow.Receive(buffer));
        while (protocol.Events != "made pause resume")
        {
            ReceiveOne();
            await Asyncio.Sleep(0.001); // for the portable loop's threads
        }
        Assert.InRange(client.WriteBufferSize, 0, 150);
        while (client.WriteBufferSize == 0)
            client.SendTo(new byte[sent++]);
        client.Close();
        client.SendTo("dropped"u8);
        await Expect.Turns(3);
        Assert.False(protocol.IsLost);
        while (!protocol.IsLost)
        {
            ReceiveOne();
            await Asyncio.Sleep(0.001);
        }
        while (received < sent)
            ReceiveOne();
        Assert.Equal(0, slow.Available);
        Assert.Equal("made pause resume lost", protocol.Events);
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_ready_error_received")]
    [CPythonTest("test_selector_events.py", "SelectorDatagramTransportTests", "test_sendto_ready_error_received_connection")]
    public void An_error_of_what_waited_is_told_and_aborting_drops_the_rest() => Run(async () =>
    {
        using var slow = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        slow.Bind(Name("slow"));
        var (client, protocol) = await OpenAsync("client");
        while (client.WriteBufferSize == 0)
            client.SendTo("data"u8, Name("slow"));
        client.SendTo("data"u8, Name("slow"));
        slow.Dispose(); // it removes its file, and each that waits finds nobody
        await Until(() => protocol.Errors.Count == 2);
        // The socket goes first and then its file, and what waits may be sent in between.
        Assert.True(protocol.Errors[0].SocketErrorCode is SocketError.AddressNotAvailable or SocketError.ConnectionRefused);
        Assert.Equal(0, client.WriteBufferSize);

        using var next = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        next.Bind(Name("next"));
        while (client.WriteBufferSize == 0)
            client.SendTo("data"u8, Name("next"));
        client.Abort();
        Assert.Equal(0, client.WriteBufferSize);
        await Until(() => protocol.IsLost);
        Assert.Null(protocol.Reason);
    });

    [Fact]
    public void What_waits_for_a_queue_that_others_have_filled_is_sent_once_there_is_room() => Run(async () =>
    {
        using var slow = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        slow.Bind(Name("slow"));
        using var other = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        other.Connect(Name("slow"));
        var filled = 0;
        for (var error = SocketError.Success; error == SocketError.Success; filled++)
            other.Send("other"u8, SocketFlags.None, out error);
        var (client, protocol) = await OpenAsync("client");
        client.SendTo("first"u8, Name("slow"));
        client.SendTo("second"u8, Name("slow"));
        Assert.NotEqual(0, client.WriteBufferSize);

        var buffer = new byte[100];
        for (; filled > 1; filled--)
            slow.Receive(buffer);
        await Until(() => client.WriteBufferSize == 0);
        Assert.Equal("first"u8, buffer.AsSpan(0, slow.Receive(buffer)));
        Assert.Equal("second"u8, buffer.AsSpan(0, slow.Receive(buffer)));
        client.Close();
        await Until(() => protocol.IsLost);
        Assert.Empty(protocol.Errors);
    });

    [Fact]
    public void Answers_that_the_system_does_not_take_are_sent_later_and_in_order() => Run(async () =>
    {
        const int Asked = 8;
        using var slow = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        slow.Bind(Name("slow"));
        var (server, protocol) = await OpenAsync("server");
        server.SetWriteBufferLimits(high: 50, low: 20);
        var sent = 0;
        protocol.Then = happened =>
        {
            for (var i = 0; happened == "data" && i < 4; i++)
                server.SendTo(new byte[sent++], Name("slow"));
        };
        for (var i = 0; i < Asked; i++)
            slow.SendTo("data"u8, Name("server"));
        await Until(() => sent == Asked * 4);
        Assert.Equal("made pause", protocol.Events);
        Assert.NotEqual(0, server.WriteBufferSize);

        var buffer = new byte[100];
        for (var i = 0; i < sent; i++)
        {
            await Until(() => slow.Available > 0 || slow.Poll(0, SelectMode.SelectRead));
            Assert.Equal(i, slow.Receive(buffer));
        }
        await Until(() => server.WriteBufferSize == 0);
        server.Close();
        await Until(() => protocol.IsLost);
        Assert.Equal("made pause resume lost", protocol.Events);
    });

    [Fact]
    public void Those_that_come_together_can_be_long_and_of_many_names() => Run(async () =>
    {
        var (server, protocol) = await OpenAsync("server", answer: "");
        var names = new[] { "a", "one-with-a-longer-name", "bc", "another-one-with-a-name-that-is-longer" };
        var clients = names.Select(name =>
        {
            var client = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            client.Bind(Name(name));
            return client;
        }).ToArray();
        try
        {
            var buffer = new byte[150_000];
            foreach (var first in new[] { 0, 1, 2, 3 }) // so that each name comes to each place
            {
                protocol.Senders.Clear();
                protocol.Received.Clear();
                int[] order = [first, (first + 1) % 4, (first + 2) % 4];
                int[] lengths = [1, 100_000, 3];
                for (var i = 0; i < 3; i++)
                    clients[order[i]].SendTo(new byte[lengths[i]], Name("server"));
                await Until(() => protocol.Received.Count == 3);
                await Asyncio.Yield();
                Assert.Equal(order.Select(i => Name(names[i])), protocol.Senders);
                Assert.Equal(lengths, protocol.Received.Select(data => data.Length));
                for (var i = 0; i < 3; i++)
                    Assert.Equal(lengths[i], clients[order[i]].Receive(buffer));
            }
        }
        finally
        {
            foreach (var client in clients)
                client.Dispose();
        }
        server.Close();
        await Until(() => protocol.IsLost);
        Assert.Empty(protocol.Errors);
    });

    public new void Dispose()
    {
        base.Dispose();
        _folder.Delete(recursive: true);
    }
}

public sealed class EpollUnixDatagramTests() : UnixDatagramTests(new EpollEventLoop());

public sealed class IoUringUnixDatagramTests() : UnixDatagramTests(IoUring.NewLoop());

public sealed class PortableUnixDatagramTests() : UnixDatagramTests(new PortableEventLoop());
