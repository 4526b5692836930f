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
