using System.Diagnostics;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Telemetry;

/// <summary>Whoever listens to spans is called in the middle of the loop's work, and must not break it.</summary>
public sealed class FailingListenerTests : IDisposable
{
    private readonly EventLoop _loop = EventLoop.New();
    private readonly LogEntries _log = new();
    private ActivityListener? _listener;

    public FailingListenerTests()
    {
        _loop.Name = $"failing {Guid.NewGuid()}";
        _loop.Logger = _log;
        _loop.TracedActivities = TracedActivities.Tasks | TracedActivities.Connections;
    }

    public void Dispose()
    {
        _listener?.Dispose();
        _loop.Close();
    }

    [Fact]
    public void A_span_that_cannot_begin_is_reported_and_the_program_goes_on()
    {
        // Of all spans of this source there is only the operation's name to know ours by at that moment.
        Listen(started: activity =>
        {
            if (activity.OperationName.StartsWith(nameof(FailingListenerTests), StringComparison.Ordinal))
                throw new InvalidOperationException("the listener's");
        });

        Assert.Equal(42, _loop.RunUntilComplete(ParentAsync()));

        Assert.Equal(2, _log.Take().Count(IsListeners));
    }

    [Fact]
    public void A_span_that_cannot_end_is_reported_and_the_program_goes_on()
    {
        Listen(stopped: activity =>
        {
            if (Equals(activity.GetTagItem("asyncio.loop.name"), _loop.Name))
                throw new InvalidOperationException("the listener's");
        });

        Assert.Equal(42, _loop.RunUntilComplete(ParentAsync()));

        Assert.Equal(2, _log.Take().Count(IsListeners));
    }

    [Fact]
    public void A_connection_whose_span_cannot_end_is_closed_all_the_same()
    {
        _loop.TracedActivities = TracedActivities.Connections;
        Listen(stopped: activity =>
        {
            if (Equals(activity.GetTagItem("asyncio.loop.name"), _loop.Name))
                throw new InvalidOperationException("the listener's");
        });

        Assert.Equal("bye"u8.ToArray(), _loop.RunUntilComplete(TalkAsync()));

        Assert.Equal(2, _log.Take().Count(IsListeners));

        static async Coroutine<byte[]> TalkAsync()
        {
            await using var server = await Asyncio.StartServerAsync(static async (_, writer) =>
            {
                await using (writer)
                    writer.Write("bye"u8);
            }, "127.0.0.1", 0);
            var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", ((System.Net.IPEndPoint)server.Sockets[0].LocalEndPoint!).Port);
            await using (writer)
                return await reader.ReadAsync(-1);
        }
    }

    private static bool IsListeners((Microsoft.Extensions.Logging.LogLevel, string, Exception? Exception) entry) =>
        entry.Exception is { Message: "the listener's" };

    private static async Coroutine<int> ParentAsync() => await Asyncio.CreateTask(ChildAsync());

    private static async Coroutine<int> ChildAsync()
    {
        await Asyncio.Yield();
        return 42;
    }

    private void Listen(Action<Activity>? started = null, Action<Activity>? stopped = null)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "AsyncioSharp",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = started,
            ActivityStopped = stopped,
        };
        ActivitySource.AddActivityListener(_listener);
    }
}
