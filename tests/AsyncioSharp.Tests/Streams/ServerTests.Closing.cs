using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Streams;

// Closing where one might not expect it.
public partial class ServerTests
{
    [Fact]
    public void A_server_can_be_closed_while_it_makes_a_protocol() => Run(async () =>
    {
        Server? server = null;
        server = await ServeAsync(() =>
        {
            server!.Close();
            return new Transports.Recorder();
        });
        using var peer = ConnectSocket(server);

        await server.WaitClosedAsync();

        Assert.Equal(0, server.ClientCount);
        Assert.True(await Asyncio.ToThread(() => IsGone(peer)));
    });

    [Fact]
    public void A_server_can_be_closed_by_whoever_is_told_that_it_failed() => Run(async () =>
    {
        var server = await ServeAsync(() => throw new DivideByZeroException());
        var reports = new List<ExceptionContext>();
        var handler = Loop.ExceptionHandler;
        Loop.ExceptionHandler = (_, report) =>
        {
            reports.Add(report);
            server.Close();
        };
        using var peer = ConnectSocket(server);

        await server.WaitClosedAsync();
        Loop.ExceptionHandler = handler;

        Assert.IsType<DivideByZeroException>(Assert.Single(reports).Exception);
        Assert.True(await Asyncio.ToThread(() => IsGone(peer)));
    });

    [Fact]
    public void Of_two_that_serve_for_ever_the_second_is_refused_also_if_it_was_made_in_time() => Run(async () =>
    {
        var server = await ServeAsync(StayAsync);
        var (first, second) = (server.ServeForeverAsync(), server.ServeForeverAsync());
        var serving = Loop.CreateTask(first);
        await Asyncio.Yield();

        await Expect.ThrowsAsync<InvalidOperationException>(second);
        server.Close();

        await Expect.ThrowsAsync<CanceledException>(serving);
    });

    [Fact]
    public void A_server_that_cannot_listen_on_all_addresses_does_not_serve() => Run(async () =>
    {
        await using var server = await Asyncio.StartServerAsync(StayAsync, null, 0, new ServerOptions { StartServing = false });
        server.Sockets[1].Dispose();
        for (var i = 0; i < 2; i++)
        {
            await Expect.ThrowsAsync<ObjectDisposedException>(server.StartServingAsync());
            Assert.False(server.IsServing);
        }
        using var peer = ConnectSocket(server); // the system takes it, the server does not

        await Expect.Turns(3);

        Assert.Equal(0, server.ClientCount);
    });

    [Fact]
    public void Closing_the_loop_closes_what_does_not_listen_at_the_moment()
    {
        Server? server = null;
        Run(async () => server = await ServeAsync(() => new Transports.Recorder(), new ServerOptions { StartServing = false }));
        var socket = server!.Sockets[0];

        Loop.Close();

        Assert.Throws<ObjectDisposedException>(() => socket.Available);
        server.Close();
    }

    // It should close the server instead. The socket's number passes on to the next that is made, if nobody beside this test is quicker.
    [Fact]
    public void A_server_whose_socket_the_program_has_disposed_of_takes_nothing_from_who_has_its_number() => Run(async () =>
    {
        await using var other = await ServeAsync(EchoAsync);
        var lost = await ServeAsync(StayAsync);
        lost.Sockets[0].Dispose();
        var connections = new List<(AsyncStreamReader Reader, AsyncStreamWriter Writer)>();
        for (var i = 0; i < 5; i++)
            connections.Add(await ConnectAsync(other));

        lost.Close();
        for (var i = 0; i < 5; i++) // which are watched in the place of what is watched no more
            connections.Add(await ConnectAsync(other));

        foreach (var (reader, writer) in connections)
        {
            writer.Write("hello"u8);
            Assert.Equal(Bytes("hello"), await reader.ReadExactlyAsync(5));
            await writer.DisposeAsync();
        }

        static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            await using (writer)
                writer.Write(await reader.ReadExactlyAsync(5));
        }
    });

    [Fact]
    public void Who_has_the_number_of_a_servers_socket_that_the_program_has_disposed_of_can_be_waited_for() => Run(async () =>
    {
        await using var server = await ServeAsync(StayAsync);
        var number = server.Sockets[0].Handle;
        server.Sockets[0].Dispose();
        var sockets = Enumerable.Range(0, 50).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)).ToList();
        if (sockets.Find(socket => socket.Handle == number) is { } again)
        {
            again.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var receiving = Asyncio.CreateTask(Loop.SockReceiveAsync(again, 10));
            await Expect.Turns(3);
            again.SendTo("x"u8, again.LocalEndPoint!);

            Assert.Equal(Bytes("x"), await receiving);
        }
        sockets.ForEach(static socket => socket.Dispose());
    });

    // Closed with data or connections left, the kernel resets; otherwise it ends.
    private static bool IsGone(Socket peer)
    {
        try
        {
            return peer.Receive(new byte[1]) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
