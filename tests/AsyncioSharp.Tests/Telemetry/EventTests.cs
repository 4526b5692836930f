using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Telemetry;

public class EventTests
{
    private const int Loops = 1;
    private const int Tasks = 2;
    private const int Connections = 4;
    private const int Stalls = 8;

    [Fact]
    public void Loops_and_tasks_tell_when_they_start_and_stop()
    {
        using var loop = NewLoop(new VirtualEventLoop());
        using var events = new LoopEvents(loop, Loops | Tasks);
        loop.RunUntilComplete(loop.CreateTask(MainAsync(), "main"));
        Assert.Equal("TaskStart", events.Taken[0].Split(' ')[0]);
        Assert.Matches(@"^TaskStart \d+ main EventTests\.MainAsync$", events.Taken[0]);
        Assert.Equal("LoopStart VirtualEventLoop", events.Taken[1]);
        Assert.Matches(@"^TaskStart \d+ child EventTests\.FailAsync$", events.Taken[2]);
        Assert.Matches(@"^TaskStop \d+ child failed$", events.Taken[3]);
        Assert.Matches(@"^TaskStop \d+ main succeeded$", events.Taken[4]);
        Assert.Matches(@"^LoopStop \d+$", events.Taken[5]);
        Assert.Equal(6, events.Taken.Length);
    }

    [Fact]
    public void Keywords_choose_what_is_told()
    {
        using var loop = NewLoop(new VirtualEventLoop());
        using var events = new LoopEvents(loop, Loops);
        loop.RunUntilComplete(MainAsync());
        // Another listener in the process may have asked for tasks, which then are told to all.
        Assert.Equal(2, events.Taken.Count(static text => text.StartsWith("Loop", StringComparison.Ordinal)));
    }

    [Fact]
    public void Connections_tell_their_addresses()
    {
        using var loop = NewLoop(EventLoop.New());
        using var events = new LoopEvents(loop, Connections);
        var port = 0;
        loop.RunUntilComplete(TalkAsync());
        var own = events.Taken.Where(static text => text.StartsWith("Connection", StringComparison.Ordinal)).ToArray();
        Assert.Equal(4, own.Length);
        Assert.Single(own, text => text.StartsWith($"ConnectionStart True 127.0.0.1:{port} 127.0.0.1:", StringComparison.Ordinal));
        Assert.Single(own, text => text.StartsWith("ConnectionStart False 127.0.0.1:", StringComparison.Ordinal)
            && text.EndsWith($" 127.0.0.1:{port}", StringComparison.Ordinal));
        Assert.Equal(2, own.Count(static text => text.StartsWith("ConnectionStop", StringComparison.Ordinal)));

        async Coroutine TalkAsync()
        {
            await using var server = await Asyncio.StartServerAsync(static async (_, writer) => await writer.DisposeAsync(), "127.0.0.1", 0);
            port = ((System.Net.IPEndPoint)server.Sockets[0].LocalEndPoint!).Port;
            var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", port);
            await using (writer)
                await reader.ReadAsync();
        }
    }

    /// <summary>In real time, as it is that which the watchdog measures.</summary>
    [Fact]
    public void Stalls_are_told_and_counted()
    {
        using var loop = NewLoop(new VirtualEventLoop());
        using var measurements = new LoopMeasurements(loop, "asyncio.loop.stalls");
        using var events = new LoopEvents(loop, Stalls);
        loop.Logger = new LogEntries();
        loop.StallThreshold = TimeSpan.FromMilliseconds(20);
        loop.CallSoon(() =>
        {
            while (events.Taken.Length == 0)
                Thread.Sleep(1);
        });
        loop.RunUntilComplete(Asyncio.Sleep(1));
        loop.Close();
        Assert.True(SpinWait.SpinUntil(() => events.Taken.Length >= 2, TimeSpan.FromSeconds(30)));
        Assert.StartsWith("LoopStalled ", events.Taken[0], StringComparison.Ordinal);
        Assert.StartsWith("LoopRecovered ", events.Taken[1], StringComparison.Ordinal);
        Assert.Equal(1, measurements.Recorded("asyncio.loop.stalls")[0]); // others may follow, where the machine itself stalls
    }

    private static EventLoop NewLoop(EventLoop loop)
    {
        loop.Name = $"events {Guid.NewGuid()}";
        return loop;
    }

    private static async Coroutine MainAsync()
    {
        var child = Asyncio.CreateTask(FailAsync(), "child");
        await Asyncio.Wait([child]);
        Assert.NotNull(child.Exception);
    }

    private static async Coroutine FailAsync()
    {
        await Asyncio.Yield();
        throw new InvalidOperationException("fails");
    }
}
