using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Faults;

/// <summary>A server of a group of loops that starts on one of them and not on the other.</summary>
[Collection(nameof(Alone))]
public sealed class LoopGroupFaultTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public LoopGroupFaultTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "epoll is Linux's");

    [Fact]
    public async Task What_has_connected_to_a_server_that_could_not_start_on_all_loops_is_ended()
    {
        await using var group = LoopGroup.Start(
            new LoopGroupOptions { Count = 2, Runner = new() { LoopFactory = static () => new EpollEventLoop() } });
        var port = Ports.Free();
        var clients = new List<Socket>();
        Socket? served = null;
        FaultPlan? plan = null;
        // The second loop has started by then. Of those who connect the system gives some to the first.
        await group.RunAsync(
            group.Loops[0], async () => plan = new FaultPlan("epoll_ctl", error: 12, at: 1) { OnCall = _ => Connect() }, CancellationToken.None);

        await Assert.ThrowsAnyAsync<Exception>(() => group.StartServerAsync(GreetAsync, "127.0.0.1", port, balancing: ConnectionBalancing.System));

        await group.RunAsync(group.Loops[0], async () => plan!.Dispose(), CancellationToken.None);
        Assert.NotNull(served);
        served.ReceiveTimeout = (int)s_patience.TotalMilliseconds;
        Assert.True(HasEnded(served));
        clients.ForEach(static client => client.Dispose());

        void Connect()
        {
            for (var start = DateTime.UtcNow; served is null && DateTime.UtcNow - start < s_patience;)
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                client.Connect(IPAddress.Loopback, port);
                clients.Add(client);
                if (client.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead) && client.Receive(new byte[1]) == 1)
                    served = client;
            }
        }
    }

    private static async Coroutine GreetAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            writer.Write("x"u8);
            await reader.ReadAsync();
        }
    }

    private static bool HasEnded(Socket socket)
    {
        try
        {
            return socket.Receive(new byte[1]) == 0;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }
}
