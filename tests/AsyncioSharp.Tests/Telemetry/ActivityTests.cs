using System.Diagnostics;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Telemetry;

public sealed class ActivityTests : IDisposable
{
    private readonly EventLoop _loop = EventLoop.New();
    private readonly List<Activity> _ended = [];
    private readonly ActivityListener _listener;

    public ActivityTests()
    {
        _loop.Name = $"activities {Guid.NewGuid()}";
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "AsyncioSharp",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (Equals(activity.GetTagItem("asyncio.loop.name"), _loop.Name))
                    _ended.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _loop.Close();
    }

    [Fact]
    public void A_task_is_a_span_below_that_of_the_task_that_made_it()
    {
        _loop.TracedActivities = TracedActivities.Tasks;
        _loop.RunUntilComplete(_loop.CreateTask(ParentAsync(), "parent"));
        Assert.Equal(["child", "parent"], _ended.Select(static activity => activity.GetTagItem("asyncio.task.name")));
        var (child, parent) = (_ended[0], _ended[1]);
        Assert.Equal(parent.SpanId, child.ParentSpanId);
        Assert.Equal(("ActivityTests.ChildAsync", "ActivityTests.ParentAsync"), (child.OperationName, parent.OperationName));
        Assert.Equal(("succeeded", "succeeded"), (child.GetTagItem("asyncio.task.outcome"), parent.GetTagItem("asyncio.task.outcome")));
        Assert.Equal(default, parent.ParentSpanId);
        Assert.Null(Activity.Current);

        static async Coroutine ParentAsync()
        {
            var own = Activity.Current;
            Assert.Equal("ActivityTests.ParentAsync", own!.OperationName);
            await Asyncio.CreateTask(ChildAsync(), "child");
            Assert.Same(own, Activity.Current);
        }

        static async Coroutine ChildAsync()
        {
            Assert.Equal("ActivityTests.ChildAsync", Activity.Current!.OperationName);
            await Asyncio.Yield();
            Assert.Equal("ActivityTests.ChildAsync", Activity.Current!.OperationName);
        }
    }

    [Fact]
    public void A_failure_and_a_cancellation_are_told()
    {
        _loop.TracedActivities = TracedActivities.Tasks;
        _loop.RunUntilComplete(MainAsync());
        Assert.Equal(["failed", "canceled", "canceled", "succeeded"], _ended.Select(static activity => activity.GetTagItem("asyncio.task.outcome")));
        Assert.Equal((ActivityStatusCode.Error, "fails", "System.InvalidOperationException"),
            (_ended[0].Status, _ended[0].StatusDescription, _ended[0].GetTagItem("error.type")));
        Assert.Equal(ActivityStatusCode.Unset, _ended[1].Status);

        static async Coroutine MainAsync()
        {
            AsyncioTask[] tasks = [Asyncio.CreateTask(FailAsync(), eagerStart: true),
                Asyncio.CreateTask(Asyncio.Sleep(9)), Asyncio.CreateTask(Asyncio.Sleep(9))];
            Assert.NotNull(tasks[0].Exception);
            tasks[1].Cancel(); // before it has begun
            await Asyncio.Yield();
            tasks[2].Cancel();
            await Asyncio.Wait(tasks);
        }

        static async Coroutine FailAsync() => throw new InvalidOperationException("fails");
    }

    [Fact]
    public void A_connection_is_a_span_and_its_handler_below_it()
    {
        _loop.TracedActivities = TracedActivities.Tasks | TracedActivities.Connections;
        var port = 0;
        _loop.RunUntilComplete(TalkAsync());
        var connections = _ended.Where(static activity => activity.OperationName == "connection").ToArray();
        var server = Assert.Single(connections, static activity => activity.Kind == ActivityKind.Server);
        var client = Assert.Single(connections, static activity => activity.Kind == ActivityKind.Client);
        Assert.Equal(("127.0.0.1", port, "tcp"),
            (client.GetTagItem("network.peer.address"), client.GetTagItem("network.peer.port"), client.GetTagItem("network.transport")));
        Assert.Equal(port, server.GetTagItem("network.local.port"));
        Assert.Contains(_ended, activity => activity.ParentSpanId == server.SpanId && activity.GetTagItem("asyncio.task.name") is not null);
        Assert.Null(Activity.Current);

        async Coroutine TalkAsync()
        {
            await using var listening = await Asyncio.StartServerAsync(static async (_, writer) => await writer.DisposeAsync(), "127.0.0.1", 0);
            port = ((System.Net.IPEndPoint)listening.Sockets[0].LocalEndPoint!).Port;
            var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", port);
            await using (writer)
                await reader.ReadAsync();
        }
    }

    [Fact]
    public void The_end_of_a_connection_at_the_loops_close_leaves_the_programs_activity_current()
    {
        _loop.TracedActivities = TracedActivities.Connections;
        using var own = new Activity("own").Start();
        _loop.RunUntilComplete(ConnectAsync());
        _loop.Close();
        Assert.Same(own, Activity.Current);
        Assert.Equal(2, _ended.Count);

        static async Coroutine ConnectAsync()
        {
            var accepted = EventLoop.Running.CreateFuture<bool>();
            var server = await Asyncio.StartServerAsync(
                async (reader, _) =>
                {
                    accepted.SetResult(true);
                    await reader.ReadAsync();
                }, "127.0.0.1", 0);
            var port = ((System.Net.IPEndPoint)server.Sockets[0].LocalEndPoint!).Port;
            await Asyncio.OpenConnectionAsync("127.0.0.1", port);
            await accepted;
        }
    }

    [Fact]
    public void Without_the_option_there_are_none()
    {
        _loop.RunUntilComplete(Asyncio.Sleep(0));
        Assert.Empty(_ended);
    }
}
