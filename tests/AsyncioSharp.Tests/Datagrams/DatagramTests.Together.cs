using System.Net;
using System.Net.Sockets;
using System.Text;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Datagrams;

// Datagrams that come together, and what they are answered.
public abstract partial class DatagramTests
{
    private const int Together = 40;

    private static IEnumerable<string> Numbers(string prefix, int count = Together) => Enumerable.Range(0, count).Select(i => $"{prefix}{i}");

    private static void SendNumbers(DatagramTransport client, int count = Together)
    {
        foreach (var number in Numbers("", count))
            client.SendTo(Encoding.ASCII.GetBytes(number));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Those_that_come_together_are_answered_in_order(string address) => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(new IPEndPoint(IPAddress.Parse(address), 0), answer: "re:");
        var (client, clientProtocol) = await OpenAsync(remote: server.LocalEndPoint);
        for (var i = 0; i < 3; i++)
        {
            clientProtocol.Received.Clear();
            SendNumbers(client);
            await Until(() => clientProtocol.Received.Count == Together);
            Assert.Equal(Numbers("re:"), clientProtocol.Received);
        }
        Assert.All(serverProtocol.Senders, sender => Assert.Equal(client.LocalEndPoint, sender));
        Assert.Equal(0, server.WriteBufferSize);
        await CloseAsync(client, server);
    });

    [Fact]
    public void What_is_sent_when_the_last_answer_has_failed_leaves_from_the_same_socket() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(s_here);
        var (other, _) = await OpenAsync(s_here, answer: "re:");
        var (client, clientProtocol) = await OpenAsync(s_here);
        serverProtocol.Then = happened =>
        {
            if (happened == "data" && serverProtocol.Received.Count == 2)
                server.SendTo("x"u8, new IPEndPoint(IPAddress.Broadcast, 9)); // which takes a permission
            else if (happened == "error")
                server.SendTo("sorry"u8, client.LocalEndPoint);
        };
        client.SendTo("one"u8, server.LocalEndPoint);
        client.SendTo("two"u8, server.LocalEndPoint);
        await Until(() => clientProtocol.Received.Count == 1);
        client.SendTo("three"u8, other.LocalEndPoint);
        client.SendTo("four"u8, other.LocalEndPoint);
        await Until(() => clientProtocol.Received.Count == 3);

        Assert.Equal(["sorry", "re:three", "re:four"], clientProtocol.Received);
        Assert.Equal(server.LocalEndPoint, clientProtocol.Senders[0]);
        Assert.Single(serverProtocol.Errors);
        await CloseAsync(client, server, other);
    });

    [Fact]
    public void Each_of_those_that_come_together_is_answered_where_it_came_from() => Run(async () =>
    {
        var (server, _) = await OpenAsync(s_here, answer: "re:");
        var clients = new (DatagramTransport Transport, DatagramRecorder Protocol)[5];
        for (var i = 0; i < clients.Length; i++)
            clients[i] = await OpenAsync(s_here);
        for (var i = 0; i < Together; i++)
            clients[i % clients.Length].Transport.SendTo(Encoding.ASCII.GetBytes($"{i}"), server.LocalEndPoint);
        await Until(() => clients.Sum(client => client.Protocol.Received.Count) == Together);
        for (var i = 0; i < clients.Length; i++)
            Assert.Equal(Numbers("re:").Where((_, number) => number % clients.Length == i), clients[i].Protocol.Received);
        await CloseAsync([server, .. clients.Select(client => client.Transport)]);
    });

    [Fact]
    public void A_socket_of_version_6_answers_those_of_version_4() => Run(async () =>
    {
        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        var (server, serverProtocol) = await OpenAsync(options: new DatagramOptions { Socket = socket });
        // One answer to the address as it came, one to that of version 4.
        serverProtocol.Then = happened =>
        {
            if (happened != "data")
                return;
            var sender = (IPEndPoint)serverProtocol.Senders[^1];
            server.SendTo("mapped"u8, sender);
            server.SendTo("plain"u8, new IPEndPoint(sender.Address.MapToIPv4(), sender.Port));
        };
        var (client, clientProtocol) = await OpenAsync(remote: new IPEndPoint(IPAddress.Loopback, port));
        SendNumbers(client, 10);
        await Until(() => clientProtocol.Received.Count == 20);
        Assert.Equal(Enumerable.Repeat(new[] { "mapped", "plain" }, 10).SelectMany(pair => pair), clientProtocol.Received);
        Assert.True(((IPEndPoint)serverProtocol.Senders[0]).Address.IsIPv4MappedToIPv6);
        await CloseAsync(client, server);
    });

    [Fact]
    public void Connected_sockets_answer_each_other() => Run(async () =>
    {
        using var near = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        near.Bind(s_here);
        far.Bind(s_here);
        near.Connect(far.LocalEndPoint!);
        far.Connect(near.LocalEndPoint!);
        var (client, protocol) = await OpenAsync(options: new DatagramOptions { Socket = near });
        var (server, _) = await OpenAsync(options: new DatagramOptions { Socket = far }, answer: "re:");
        SendNumbers(client);
        await Until(() => protocol.Received.Count == Together);
        Assert.Equal(Numbers("re:"), protocol.Received);
        await CloseAsync(client, server);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_answered_before_the_end_leaves_and_nothing_more_is_delivered(bool abort) => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(s_here, answer: "re:");
        var (client, clientProtocol) = await OpenAsync(remote: server.LocalEndPoint);
        serverProtocol.Then = happened =>
        {
            if (happened != "data" || serverProtocol.Received.Count < 3)
                return;
            if (abort)
                server.Abort();
            else
                server.Close();
        };
        SendNumbers(client);
        await Until(() => serverProtocol.IsLost && clientProtocol.Received.Count == 3);
        Assert.Equal(Numbers("", 3), serverProtocol.Received);
        Assert.Equal(Numbers("re:", 3), clientProtocol.Received);
        Assert.Equal("made lost", serverProtocol.Events);
        await CloseAsync(client);
    });

    [Fact]
    public void An_answer_that_cannot_be_sent_is_told_and_the_others_leave() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(s_here, answer: "re:");
        var (client, clientProtocol) = await OpenAsync(remote: server.LocalEndPoint);
        serverProtocol.Then = happened =>
        {
            // To all, which the socket was not allowed to do; and one that is longer than any can be.
            if (happened == "data" && serverProtocol.Received.Count % 10 == 1)
                server.SendTo("broadcast"u8, new IPEndPoint(IPAddress.Broadcast, 9));
            else if (happened == "data" && serverProtocol.Received.Count % 10 == 5)
                server.SendTo(new byte[70_000], serverProtocol.Senders[^1]);
            else if (happened == "error")
                server.SendTo("sorry"u8, client.LocalEndPoint);
        };
        SendNumbers(client);
        await Until(() => clientProtocol.Received.Count == Together + 8);
        Assert.Equal(Numbers("re:"), clientProtocol.Received.Where(answer => answer != "sorry"));
        Assert.Equal(8, serverProtocol.Errors.Count);
        Assert.Equal(4, serverProtocol.Errors.Count(error => error.SocketErrorCode == SocketError.MessageSize));
        Assert.All(serverProtocol.Errors, error => Assert.StartsWith("Sending failed", error.Message));
        await CloseAsync(client, server);
    });

    [Fact]
    public void Large_answers_leave_in_order() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(s_here);
        var (client, clientProtocol) = await OpenAsync(remote: server.LocalEndPoint);
        var sizes = new[] { 10, 20_000, 20_001, 11, 50_000, 12, 13 };
        serverProtocol.Then = happened =>
        {
            if (happened == "data")
                server.SendTo(new byte[sizes[serverProtocol.Received.Count - 1]], client.LocalEndPoint);
        };
        SendNumbers(client, sizes.Length);
        await Until(() => clientProtocol.Received.Count == sizes.Length);
        Assert.Equal(sizes, clientProtocol.Received.Select(answer => answer.Length));
        await CloseAsync(client, server);
    });

    [Fact]
    public void Who_is_not_held_up_has_not_more_waiting_than_the_high_mark() => Run(async () =>
    {
        var (server, serverProtocol) = await OpenAsync(s_here, answer: "re:");
        var (client, clientProtocol) = await OpenAsync(remote: server.LocalEndPoint);
        server.SetWriteBufferLimits(high: 30);
        var most = 0;
        serverProtocol.Then = happened => most = Math.Max(most, server.WriteBufferSize);
        SendNumbers(client);
        await Until(() => clientProtocol.Received.Count == Together);
        Assert.InRange(most, 0, 30);
        Assert.Equal("made", serverProtocol.Events);
        await CloseAsync(client, server);
    });

    [Fact]
    public void Others_have_their_turn_among_very_many() => Run(async () =>
    {
        var (server, protocol) = await OpenAsync(s_here);
        var (client, _) = await OpenAsync(remote: server.LocalEndPoint);
        var delivered = 0;
        protocol.Then = happened =>
        {
            if (happened == "data" && protocol.Received.Count == 1)
                Loop.CallSoon(() => delivered = protocol.Received.Count);
        };
        SendNumbers(client, 150);
        await Until(() => protocol.Received.Count == 150);
        Assert.InRange(delivered, 1, 64);
        Assert.Equal(Numbers("", 150), protocol.Received);
        await CloseAsync(client, server);
    });

    [Fact]
    public void A_protocol_that_throws_misses_none_of_those_that_come_together() => Run(async () =>
    {
        var (server, protocol) = await Loop.CreateDatagramEndpointAsync(() => new DatagramRecorder { FailsAt = "data", Answer = "re:" }, s_here);
        var (client, clientProtocol) = await OpenAsync(remote: server.LocalEndPoint);
        SendNumbers(client, 5);
        await Until(() => clientProtocol.Received.Count == 5);
        Assert.Equal(Numbers("re:", 5), clientProtocol.Received);
        Assert.Equal(5, Reports().Count());
        Assert.Equal(5, protocol.Received.Count);
        await CloseAsync(client, server);
    });
}
