using System.Diagnostics.Metrics;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Telemetry;

public class MetricsTests
{
    private readonly VirtualEventLoop _loop = new() { Name = $"metrics {Guid.NewGuid()}" };

    [Fact]
    public void Tasks_are_counted_by_how_they_end()
    {
        using var measurements = new LoopMeasurements(_loop);
        _loop.RunUntilComplete(MainAsync());
        var after = measurements.Read();
        Assert.Equal((5, 0), (after["asyncio.task.created"], after["asyncio.task.active"]));
        Assert.Equal(
            (2, 2, 1), (after["asyncio.task.completed succeeded"], after["asyncio.task.completed canceled"], after["asyncio.task.completed failed"]));
        _loop.Close();

        async Coroutine MainAsync()
        {
            AsyncioTask[] tasks = [Asyncio.CreateTask(Asyncio.Sleep(1)), Asyncio.CreateTask(FailAsync()),
                Asyncio.CreateTask(Asyncio.Sleep(9)), Asyncio.CreateTask(Asyncio.Sleep(9))];
            tasks[3].Cancel(); // before it has begun
            await Asyncio.Sleep(2);
            tasks[2].Cancel();
            await Asyncio.Wait(tasks);
            Assert.NotNull(tasks[1].Exception);
            var during = measurements.Read();
            Assert.Equal((5, 1), (during["asyncio.task.created"], during["asyncio.task.active"]));
        }
    }

    [Fact]
    public void The_queue_of_what_is_ready_and_the_timers_can_be_read_at_any_time()
    {
        using var measurements = new LoopMeasurements(_loop);
        var timer = _loop.CallLater(TimeSpan.FromSeconds(1), static () => { });
        _loop.CallLater(TimeSpan.FromSeconds(3), static () => { });
        _loop.CallLater(TimeSpan.FromSeconds(2), static () => { }); // out of order: in the heap
        _loop.CallSoon(static () => { });
        _loop.CallSoon(static () => { });
        var before = measurements.Read();
        Assert.Equal((2, 3, 0), (before["asyncio.loop.ready_queue.length"], before["asyncio.timer.count"], before["asyncio.loop.callbacks"]));

        timer.Cancel();
        _loop.RunUntilComplete(Asyncio.Sleep(0));
        var after = measurements.Read();
        Assert.Equal((0, 2), (after["asyncio.loop.ready_queue.length"], after["asyncio.timer.count"]));
        Assert.True(after["asyncio.loop.callbacks"] >= 3);
        _loop.Close();
        Assert.Empty(measurements.Read());
    }

    [Fact]
    public void A_long_callback_is_seen_in_iterations_in_steps_and_in_the_lag_of_timers()
    {
        using var measurements = new LoopMeasurements(_loop);
        _loop.RunUntilComplete(MainAsync());
        Assert.Contains(2.0, measurements.Recorded("asyncio.loop.step.duration"));
        Assert.Contains(2.0, measurements.Recorded("asyncio.loop.iteration.duration"));
        Assert.Contains(1.5, measurements.Recorded("asyncio.loop.lag"));
        Assert.Contains(0.0, measurements.Recorded("asyncio.loop.lag"));
        _loop.Close();

        async Coroutine MainAsync()
        {
            await Asyncio.Sleep(1); // the loop looks whether somebody listens before it waits
            for (var i = 0; i < 500; i++) // the steps of one iteration in sixteen are timed, which is random
            {
                _loop.CallLater(TimeSpan.FromSeconds(0.5), static () => { });
                _loop.CallSoon(() => _loop.Advance(TimeSpan.FromSeconds(2)));
                await Asyncio.Sleep(10);
            }
        }
    }

    [Fact]
    public void Steps_are_timed_in_debug_mode_too()
    {
        _loop.Debug = true;
        _loop.SlowCallbackDuration = TimeSpan.FromHours(1);
        A_long_callback_is_seen_in_iterations_in_steps_and_in_the_lag_of_timers();
    }

    [Fact]
    public void Utilization_is_the_share_of_time_that_is_not_waited()
    {
        using var measurements = new LoopMeasurements(_loop, "asyncio.loop.utilization");
        _loop.RunUntilComplete(MainAsync());
        for (var i = 0; i < 2; i++)
        {
            _loop.Advance(TimeSpan.FromSeconds(10)); // nobody runs it
            Assert.Equal(0, measurements.Read()["asyncio.loop.utilization"], 6);
        }
        _loop.RunUntilComplete(WorkAsync());
        Assert.Equal(1, measurements.Read()["asyncio.loop.utilization"], 6);
        _loop.Close();

        async Coroutine WorkAsync()
        {
            await Asyncio.Yield();
            _loop.Advance(TimeSpan.FromSeconds(5));
        }

        async Coroutine MainAsync()
        {
            await Asyncio.Sleep(1);
            measurements.Read();
            _loop.Advance(TimeSpan.FromSeconds(3)); // works
            await Asyncio.Sleep(9);
            Assert.Equal(0.25, measurements.Read()["asyncio.loop.utilization"], 6);
            await Asyncio.Sleep(10);
            Assert.Equal(0, measurements.Read()["asyncio.loop.utilization"], 6);
            _loop.Advance(TimeSpan.FromSeconds(5));
            Assert.Equal(1, measurements.Read()["asyncio.loop.utilization"], 6);
        }
    }

    [Fact]
    public void A_listener_that_fails_does_not_end_the_loop()
    {
        var log = new LogEntries();
        _loop.Logger = log;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "AsyncioSharp", Name: "asyncio.loop.iteration.duration" })
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            if (Equals(tags[0].Value, _loop.Name))
                throw new InvalidOperationException("the listener's");
        });
        listener.Start();
        Assert.Equal(42, _loop.RunUntilComplete(AnswerAsync()));
        Assert.Contains(log.Take(), static entry => entry.Exception is { Message: "the listener's" });
        _loop.Close();

        static async Coroutine<int> AnswerAsync()
        {
            await Asyncio.Sleep(1);
            await Asyncio.Sleep(1);
            return 42;
        }
    }

    [Fact]
    public void A_loop_has_a_number_for_a_name_unless_it_is_given_one()
    {
        using var loop = new VirtualEventLoop();
        Assert.Matches(@"^loop-\d+$", loop.Name);
        Assert.Throws<ArgumentException>(() => loop.Name = "");
        Asyncio.Run(static async () => Assert.Equal("named", EventLoop.Running.Name), new RunnerOptions { Name = "named" });
        _loop.Close();
    }

    private static async Coroutine FailAsync()
    {
        await Asyncio.Yield();
        throw new InvalidOperationException("fails");
    }
}
