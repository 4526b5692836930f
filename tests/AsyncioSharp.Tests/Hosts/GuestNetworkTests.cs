using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Hosts;

/// <summary>A guest's input and output: a thread waits for it, and the host's thread reads and writes.</summary>
public abstract class GuestNetworkTests(Func<EventLoop> newLoop)
{
    [Fact]
    public void Connections_work_on_the_hosts_thread()
    {
        var host = new TestHost();
        var run = Asyncio.StartGuestRun(EchoAsync, host.Take, null, new RunnerOptions { LoopFactory = newLoop });

        Assert.Equal(100_000, host.Run(run));

        async Coroutine<int> EchoAsync()
        {
            var here = Environment.CurrentManagedThreadId;
            await using var server = await Asyncio.StartServerAsync(ServeAsync, "127.0.0.1", 0);
            var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", ((System.Net.IPEndPoint)server.Sockets[0].LocalEndPoint!).Port);
            await using (writer)
            {
                writer.Write(new byte[100_000]);
                writer.WriteEof();
                var echo = await reader.ReadAsync();
                Assert.Equal(here, Environment.CurrentManagedThreadId);
                return echo.Length;
            }
        }

        static async Coroutine ServeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
        {
            await using (writer)
            {
                writer.Write(await reader.ReadAsync());
                await writer.DrainAsync();
            }
        }
    }
}

public sealed class EpollGuestNetworkTests() : GuestNetworkTests(() => new EpollEventLoop());

public sealed class IoUringGuestNetworkTests() : GuestNetworkTests(IoUring.NewLoop);

public sealed class PortableGuestNetworkTests() : GuestNetworkTests(() => new PortableEventLoop());
