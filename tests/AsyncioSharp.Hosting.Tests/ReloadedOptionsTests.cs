using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AsyncioSharp.Hosting.Tests;

/// <summary>The configuration changes while the host runs.</summary>
public class ReloadedOptionsTests
{
    [Fact]
    public async Task A_loop_that_runs_follows_them()
    {
        using var host = new TestHost();
        await host.StartAsync();
        var own = await ReadLoopAsync(host);
        Change(host,
            ("Asyncio:Debug", "true"), ("Asyncio:SlowCallbackDuration", "00:00:07"),
            ("Asyncio:StallThreshold", "00:00:09"), ("Asyncio:TracedActivities", "Tasks"));
        Assert.Equal((true, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(9), TracedActivities.Tasks), await ReadLoopAsync(host));
        Change(host, ("Asyncio:Debug", null), ("Asyncio:SlowCallbackDuration", null),
            ("Asyncio:StallThreshold", "00:00:01"), ("Asyncio:TracedActivities", "None"));
        Assert.Equal(own, await ReadLoopAsync(host));
        await host.StopAsync();
    }

    [Fact]
    public async Task What_has_not_changed_is_left_as_the_program_has_set_it()
    {
        using var host = new TestHost();
        await host.StartAsync();
        await host.Loop.RunAsync(static async () => EventLoop.Running.SlowCallbackDuration = TimeSpan.FromSeconds(3));
        Change(host, ("Asyncio:StallThreshold", "00:00:09"));
        var (_, slow, stall, _) = await ReadLoopAsync(host);
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(9)), (slow, stall));
        await host.StopAsync();
    }

    [Fact]
    public async Task What_was_asked_for_before_its_service_has_begun_changes_too()
    {
        using var host = new TestHost();
        await host.StartAsync();
        Assert.Null(host.Get<IOptionsMonitor<AsyncioOptions>>().Get("later").Debug);
        Change(host, ("Asyncio:Debug", "true"));
        Assert.True(host.Get<IOptionsMonitor<AsyncioOptions>>().Get("later").Debug);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_change_is_not_lost_while_slow_code_makes_the_options_of_before()
    {
        var isSlow = false;
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var go = new ManualResetEventSlim();
        using var host = new TestHost(services: services => services.Configure<AsyncioOptions>(_ =>
        {
            if (!isSlow)
                return;
            isSlow = false;
            begun.SetResult();
            go.Wait(); // the configuration has been read
        }));
        await host.StartAsync();
        Change(host, ("Asyncio:StallThreshold", "00:00:09")); // so that nothing made before is kept
        isSlow = true;
        var start = Task.Run(() => host.Loop.RunAsync(static () => Asyncio.Sleep(0)));
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var change = Task.Run(() => Change(host, ("Asyncio:Debug", "true")));
        await Task.WhenAny(change, Task.Delay(50)); // real: it may wait for the other, which nothing tells
        go.Set();
        await change;
        await start;

        Assert.True((await ReadLoopAsync(host)).Item1);
        await host.StopAsync();
    }

    [Fact]
    public async Task Code_has_the_last_word()
    {
        using var host = new TestHost(options: static options =>
        {
            options.Debug = true;
            options.ConfigureRunner(static runner => runner with { StallThreshold = TimeSpan.FromSeconds(2) });
        });
        await host.StartAsync();
        Change(host, ("Asyncio:Debug", "false"), ("Asyncio:StallThreshold", "00:00:09"), ("Asyncio:TracedActivities", "Tasks"));
        var (debug, _, stall, traced) = await ReadLoopAsync(host);
        Assert.Equal((true, TimeSpan.FromSeconds(2), TracedActivities.Tasks), (debug, stall, traced));
        await host.StopAsync();
    }

    [Fact]
    public async Task Wrong_ones_are_logged_and_what_held_before_goes_on_holding()
    {
        using var host = new TestHost(
            static _ => Asyncio.Sleep(Timeout.InfiniteTimeSpan), settings: new() { ["Asyncio:StallThreshold"] = "00:00:09" });
        await host.StartAsync();
        await ReadLoopAsync(host);
        Change(host, ("Asyncio:Debug", "true"), ("Asyncio:StallThreshold", "-1"));
        Assert.Equal((false, TimeSpan.FromSeconds(9)), await ReadLoopAsync(host) is var (debug, _, stall, _) ? (debug, stall) : default);
        Assert.Equal(["Asyncio", "Asyncio:Services:TestService"],
            host.Log.Of("OptionsRefused").Select(static entry => (string)entry.Properties[0].Value!).Order(StringComparer.Ordinal));
        Assert.Contains("StallThreshold must not be negative", host.Log.Of("OptionsRefused")[0].Text, StringComparison.Ordinal);
        Change(host, ("Asyncio:StallThreshold", "a while")); // cannot be read at all
        Change(host, ("Asyncio:StallThreshold", "00:00:08"));
        Assert.Equal((true, TimeSpan.FromSeconds(8)), await ReadLoopAsync(host) is var (later, _, threshold, _) ? (later, threshold) : default);
        await host.StopAsync();
    }

    [Theory]
    [InlineData("Asyncio:Restart")]
    [InlineData("Asyncio:Services:TestService:Restart")]
    public async Task A_service_that_fails_is_restarted_by_what_holds_then(string key)
    {
        var (running, fails) = (new SemaphoreSlim(0), new SemaphoreSlim(0));
        using var host = new TestHost(
            async _ =>
            {
                running.Release();
                await fails.WaitAsync(Asyncio.CancellationToken);
                throw new InvalidOperationException("broken");
            },
            settings: new() { ["Asyncio:RestartDelay"] = "00:00:00" },
            services: static services => services.Configure<HostOptions>(
                static options => options.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore));
        await host.StartAsync();
        await running.WaitAsync();
        Change(host, (key, "OnFailure"));
        fails.Release();
        await running.WaitAsync(); // again
        Change(host, (key, "Never"));
        fails.Release();
        await Until(() => host.Service.State == AsyncioServiceState.Failed);
        Assert.Equal(2, host.Script!.Starts);
        await host.StopAsync();
    }

    [Fact]
    public async Task Tasks_that_are_left_get_the_time_that_holds_at_the_end()
    {
        using var host = new TestHost(settings: new() { ["Asyncio:TaskShutdownTimeout"] = "00:30:00" });
        await host.StartAsync();
        var running = new TaskCompletionSource();
        var answer = host.Loop.RunAsync(() => Stubborn.WaitAsync(running));
        await running.Task;
        Change(host, ("Asyncio:TaskShutdownTimeout", "00:00:00"));
        await host.StopAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => answer);
    }

    [Fact]
    public async Task The_health_check_takes_the_limits_that_hold()
    {
        using var over = new ManualResetEventSlim();
        var blocked = new TaskCompletionSource();
        using var host = new TestHost(
            async _ =>
            {
                blocked.SetResult();
                over.Wait();
                await Asyncio.Yield();
            },
            settings: new() { ["Asyncio:UnhealthyLag"] = "00:30:00" },
            services: static services => services.AddHealthChecks().AddAsyncioLoopCheck());
        await host.StartAsync();
        await blocked.Task;
        Change(host, ("Asyncio:DegradedLag", "00:00:00.001"), ("Asyncio:UnhealthyLag", "00:00:00.001"));
        var report = await host.Get<HealthCheckService>().CheckHealthAsync().WaitAsync(TimeSpan.FromSeconds(60));
        over.Set();
        Assert.Equal("loop TestService does not answer", report.Entries["asyncio"].Description);
        await host.StopAsync();
    }

    private static void Change(TestHost host, params ReadOnlySpan<(string Key, string? Value)> settings)
    {
        var configuration = host.Get<IConfiguration>();
        foreach (var (key, value) in settings)
            configuration[key] = value;
        ((IConfigurationRoot)configuration).Reload();
    }

    // What was changed has reached the loop: it does in their order what others hand in.
    private static Task<(bool Debug, TimeSpan Slow, TimeSpan? Stall, TracedActivities Traced)> ReadLoopAsync(
        TestHost host) => host.Loop.RunAsync(static async () =>
    {
        var loop = EventLoop.Running;
        return (loop.Debug, loop.SlowCallbackDuration, loop.StallThreshold, loop.TracedActivities);
    });
}
