using AsyncioSharp.LowLevel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Hosting.Tests;

public class BackgroundServiceTests
{
    private static Coroutine ForeverAsync() => Asyncio.Sleep(Timeout.InfiniteTimeSpan);

    [Fact]
    public async Task The_work_runs_on_a_loop_and_a_thread_of_its_own_by_the_services_name()
    {
        string? loop = null, task = null, thread = null;
        using var host = new TestHost(async _ =>
        {
            await Asyncio.Yield();
            (loop, task, thread) = (EventLoop.Running.Name, Asyncio.CurrentTask!.Name, Thread.CurrentThread.Name);
        });
        Assert.Equal(AsyncioServiceState.NotStarted, host.Service.State);
        await host.StartAsync();
        await Until(() => host.Service.State == AsyncioServiceState.Ended);
        Assert.Equal(("TestService", "TestService", "TestService"), (loop, task, thread));
        Assert.False(host.Stopping.IsCancellationRequested);
        await host.StopAsync();
    }

    [Fact]
    public async Task Stopping_cancels_it_and_waits_for_its_finally_blocks()
    {
        var cleaned = false;
        var running = new TaskCompletionSource();
        using var host = new TestHost(async _ =>
        {
            try
            {
                running.SetResult();
                await ForeverAsync();
            }
            finally
            {
                await Asyncio.Sleep(0.01);
                cleaned = true;
            }
        });
        await host.StartAsync();
        await running.Task;
        Assert.Equal(AsyncioServiceState.Running, host.Service.State);
        await host.StopAsync();
        Assert.True(cleaned);
        Assert.Equal(AsyncioServiceState.Ended, host.Service.State);
        Assert.DoesNotContain(host.Log.Entries, static entry => entry.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Tasks_that_it_leaves_are_cancelled_when_it_ends()
    {
        var canceled = new TaskCompletionSource();
        using var host = new TestHost(async start =>
        {
            _ = Asyncio.CreateTask(LeftAsync());
            await Asyncio.Yield();
        });
        await host.StartAsync();
        await canceled.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await host.StopAsync();

        async Coroutine LeftAsync()
        {
            try
            {
                await ForeverAsync();
            }
            catch (OperationCanceledException)
            {
                canceled.SetResult();
                throw;
            }
        }
    }

    [Fact]
    public async Task A_failure_stops_the_host()
    {
        using var host = new TestHost(static async _ =>
        {
            await Asyncio.Yield();
            throw new InvalidOperationException("broken");
        });
        await host.StartAsync();
        await Until(() => host.Stopping.IsCancellationRequested);
        Assert.Equal(AsyncioServiceState.Failed, host.Service.State);
        Assert.Contains(host.Log.Entries, static entry =>
            entry is { Level: LogLevel.Error, Exception: InvalidOperationException { Message: "broken" } });
    }

    [Fact]
    public async Task A_failure_does_not_stop_a_host_that_is_told_to_ignore_it()
    {
        using var host = new TestHost(
            static async _ =>
            {
                await Asyncio.Yield();
                throw new InvalidOperationException("broken");
            },
            services: static services => services.Configure<HostOptions>(
                static options => options.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore));
        await host.StartAsync();
        await Until(() =>
            host.Service.State == AsyncioServiceState.Failed && host.Log.Entries.Any(static entry => entry.Exception is InvalidOperationException));
        Assert.False(host.Stopping.IsCancellationRequested);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_service_that_fails_is_started_again_on_a_new_loop_until_it_works()
    {
        var loops = new HashSet<EventLoop>();
        var works = new TaskCompletionSource();
        using var host = new TestHost(async start =>
        {
            loops.Add(EventLoop.Running);
            await Asyncio.Yield();
            if (start < 4)
                throw new InvalidOperationException($"start {start}");
            works.SetResult();
            await ForeverAsync();
        }, Restarting);
        await host.StartAsync();
        await works.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((4, 4), (host.Script!.Starts, loops.Count));
        var entries = host.Log.Of("ServiceRestarts");
        Assert.Equal(["start 1", "start 2", "start 3"], entries.Select(static entry => entry.Exception!.Message));
        // It doubles up to the most.
        Assert.Equal([0.001, 0.002, 0.003],
            entries.Select(static entry => (double)entry.Properties.Single(static property => property.Key == "Delay").Value!));
        await host.StopAsync();
        Assert.Equal(AsyncioServiceState.Ended, host.Service.State);
    }

    [Fact]
    public async Task Without_a_delay_it_is_started_again_at_once_however_often_it_has_failed()
    {
        const int Failures = 1100; // two to the power of which is infinite
        var works = new TaskCompletionSource();
        using var host = new TestHost(async start =>
        {
            await Asyncio.Yield();
            if (start <= Failures)
                throw new InvalidOperationException("broken");
            works.SetResult();
            await ForeverAsync();
        }, static options =>
        {
            options.Restart = RestartPolicy.OnFailure;
            options.RestartDelay = TimeSpan.Zero;
        });
        await host.StartAsync();
        await works.Task.WaitAsync(Patience);
        Assert.Equal(Failures, host.Log.Of("ServiceRestarts").Length);
        await host.StopAsync();
    }

    [Fact]
    public async Task After_the_last_restart_it_has_failed()
    {
        using var host = new TestHost(static async _ =>
        {
            await Asyncio.Yield();
            throw new InvalidOperationException("broken");
        }, static options =>
        {
            Restarting(options);
            options.MaxRestarts = 2;
        });
        await host.StartAsync();
        await Until(() => host.Stopping.IsCancellationRequested);
        Assert.Equal((3, AsyncioServiceState.Failed), (host.Script!.Starts, host.Service.State));
    }

    [Fact]
    public async Task A_service_that_ran_long_enough_begins_a_new_row_of_failures()
    {
        using var host = new TestHost(static async _ =>
        {
            await Asyncio.Yield();
            throw new InvalidOperationException("broken");
        }, static options =>
        {
            Restarting(options);
            options.MaxRestarts = 1;
            options.RestartResetAfter = TimeSpan.Zero; // any time is long enough
        });
        await host.StartAsync();
        await Until(() => host.Script!.Starts > 4);
        await host.StopAsync();
        Assert.All(host.Log.Of("ServiceRestarts"), static entry =>
            Assert.Equal(1, entry.Properties.Single(static property => property.Key == "Restart").Value));
    }

    [Fact]
    public async Task The_host_does_not_wait_for_a_restart_when_it_stops()
    {
        using var host = new TestHost(static async _ =>
        {
            await Asyncio.Yield();
            throw new InvalidOperationException("broken");
        }, static options =>
        {
            options.Restart = RestartPolicy.OnFailure;
            options.RestartDelay = options.MaxRestartDelay = TimeSpan.FromHours(1);
        });
        await host.StartAsync();
        await Until(() => host.Service.State == AsyncioServiceState.Restarting);
        await host.StopAsync();
        Assert.Equal(AsyncioServiceState.Ended, host.Service.State);
    }

    [Fact]
    public async Task What_would_not_end_is_logged_with_where_it_waits()
    {
        var running = new TaskCompletionSource();
        using var host = new TestHost(_ => Stubborn.WaitAsync(running), static options =>
        {
            options.StopTimeout = TimeSpan.FromMilliseconds(50); // in real time, as the host's is
            options.TaskShutdownTimeout = TimeSpan.Zero;
        });
        await host.StartAsync();
        await running.Task;
        await host.StopAsync();
        var entry = Assert.Single(host.Log.Of("ServiceNotStopped"));
        Assert.Equal((LogLevel.Error, "AsyncioSharp.Hosting.Tests.TestService"), (entry.Level, entry.Category));
        Assert.Contains("TestService", entry.Text, StringComparison.Ordinal);
        Assert.Contains("Stubborn.WaitAsync", entry.Text, StringComparison.Ordinal);
        // It is left behind, and its loop reports it once more when it closes.
        await Until(() => host.Service.State == AsyncioServiceState.Ended);
        Assert.DoesNotContain(host.Log.Entries, static entry => entry.Exception is ObjectDisposedException);
    }

    [Fact]
    public async Task A_loop_that_is_blocked_is_logged_as_such()
    {
        using var over = new ManualResetEventSlim();
        var running = new TaskCompletionSource();
        using var host = new TestHost(async _ =>
        {
            running.SetResult();
            over.Wait();
            await Asyncio.Yield();
        }, static options => options.StopTimeout = TimeSpan.FromMilliseconds(50));
        await host.StartAsync();
        await running.Task;
        await host.StopAsync();
        over.Set();
        Assert.Contains("The loop does not answer.", Assert.Single(host.Log.Of("ServiceNotStopped")).Text, StringComparison.Ordinal);
        await Until(() => host.Service.State == AsyncioServiceState.Ended);
    }

    [Fact]
    public async Task A_loop_that_cannot_be_made_in_time_is_logged_as_such()
    {
        using var over = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        using var host = new TestHost(static _ => ForeverAsync(), options =>
        {
            options.StopTimeout = TimeSpan.FromMilliseconds(50);
            options.ConfigureRunner(runner => runner with
            {
                LoopFactory = () =>
                {
                    begun.Set();
                    over.Wait();
                    return EventLoop.New();
                },
            });
        });
        await host.StartAsync();
        begun.Wait();
        await host.StopAsync();
        over.Set();
        Assert.Contains("There is no loop yet, or none any more.", Assert.Single(host.Log.Of("ServiceNotStopped")).Text, StringComparison.Ordinal);
        await Until(() => host.Service.State == AsyncioServiceState.Ended);
    }

    [Fact]
    public async Task What_its_loop_reports_goes_to_the_hosts_log()
    {
        using var host = new TestHost(static async _ =>
        {
            EventLoop.Running.CallSoon(static () => throw new InvalidOperationException("in a callback"));
            await Asyncio.Yield();
        });
        await host.StartAsync();
        await Until(() => host.Service.State == AsyncioServiceState.Ended);
        var entry = Assert.Single(host.Log.Entries, static entry => entry.Category == "AsyncioSharp");
        Assert.Equal(((int)ReportKind.CallbackFailed, "in a callback"), (entry.Id.Id, entry.Exception!.Message));
        Assert.Contains(new("Loop", "TestService"), entry.Properties);
        await host.StopAsync();
    }

    [Fact]
    public async Task Each_service_has_a_loop()
    {
        var loops = new TaskCompletionSource<EventLoop>[] { new(), new() };
        using var host = new TestHost(async _ =>
        {
            loops[0].SetResult(EventLoop.Running);
            await ForeverAsync();
        }, services: services => services.AddHostedService(provider => new OtherService(provider.GetRequiredService<AsyncioRuntime>(), loops[1])));
        await host.StartAsync();
        var (first, second) = (await loops[0].Task, await loops[1].Task);
        Assert.NotSame(first, second);
        Assert.Equal(("TestService", "OtherService"), (first.Name, second.Name));
        await host.StopAsync();
        await Until(() => first.IsClosed && second.IsClosed);
    }

    private static void Restarting(AsyncioOptions options)
    {
        options.Restart = RestartPolicy.OnFailure;
        options.RestartDelay = TimeSpan.FromMilliseconds(1);
        options.MaxRestartDelay = TimeSpan.FromMilliseconds(3);
    }

    private sealed class OtherService(AsyncioRuntime runtime, TaskCompletionSource<EventLoop> loop) : AsyncioBackgroundService(runtime)
    {
        protected override async Coroutine ExecuteAsync()
        {
            loop.SetResult(EventLoop.Running);
            await ForeverAsync();
        }
    }
}
