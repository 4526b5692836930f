using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace AsyncioSharp.Hosting.Tests;

public class HealthCheckTests
{
    [Fact]
    public async Task Loops_that_turn_are_healthy()
    {
        var running = new TaskCompletionSource();
        using var host = NewHost(async _ =>
        {
            running.SetResult();
            await Asyncio.Sleep(Timeout.InfiniteTimeSpan);
        });
        await host.StartAsync();
        await host.Loop.RunAsync(static () => Asyncio.Sleep(0));
        await running.Task;
        var entry = await CheckAsync(host);
        Assert.Equal((HealthStatus.Healthy, null), (entry.Status, entry.Description));
        Assert.Equal(["TestService.lag", "TestService.state", "shared.lag"], entry.Data.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("Running", entry.Data["TestService.state"]);
        await host.StopAsync();
    }

    [Fact]
    public Task A_loop_that_is_held_up_is_unhealthy() => CheckHeldUpAsync(static service =>
        NewHost(service, static options => options.DegradedLag = options.UnhealthyLag = TimeSpan.FromMilliseconds(50)));

    [Fact]
    public Task A_service_has_limits_of_its_own() => CheckHeldUpAsync(static service => new TestHost(
        service,
        settings: new()
        {
            ["Asyncio:Services:TestService:DegradedLag"] = "00:00:00.05",
            ["Asyncio:Services:TestService:UnhealthyLag"] = "00:00:00.05",
            ["Asyncio:UnhealthyLag"] = "00:10:00",
        },
        services: static services => services.AddHealthChecks().AddAsyncioLoopCheck()));

    [Fact]
    public async Task A_loop_that_has_ended_while_the_host_runs_is_unhealthy()
    {
        using var host = NewHost(static _ => Asyncio.Sleep(0));
        await host.StartAsync();
        var loop = host.Loop.Loop;
        loop.CallSoonThreadsafe(loop.Stop);
        await Until(() => loop.IsClosed);
        var entry = await CheckAsync(host);
        Assert.Equal((HealthStatus.Unhealthy, "loop shared has ended, though the host runs"), (entry.Status, entry.Description));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_loop_that_is_slow_is_degraded()
    {
        var blocked = new TaskCompletionSource();
        using var host = NewHost(async _ =>
        {
            blocked.SetResult();
            Thread.Sleep(200); // real time: it is what is measured
            await Asyncio.Sleep(Timeout.InfiniteTimeSpan);
        }, static options => (options.DegradedLag, options.UnhealthyLag) = (TimeSpan.FromTicks(1), TimeSpan.FromSeconds(30)));
        await host.StartAsync();
        await blocked.Task;
        var entry = await CheckAsync(host);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.StartsWith("loop TestService answers after ", entry.Description, StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_service_that_waits_for_its_restart_is_degraded()
    {
        using var host = NewHost(static _ => throw new InvalidOperationException("broken"), static options =>
        {
            options.Restart = RestartPolicy.OnFailure;
            options.RestartDelay = options.MaxRestartDelay = TimeSpan.FromHours(1);
        });
        await host.StartAsync();
        await Until(() => host.Service.State == AsyncioServiceState.Restarting);
        var entry = await CheckAsync(host);
        Assert.Equal((HealthStatus.Degraded, "service TestService has failed and waits for its restart"), (entry.Status, entry.Description));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_service_that_has_failed_is_unhealthy()
    {
        using var host = NewHost(static _ => throw new InvalidOperationException("broken"));
        await host.StartAsync();
        await Until(() => host.Service.State == AsyncioServiceState.Failed);
        Assert.Equal((HealthStatus.Unhealthy, "service TestService has failed"),
            await CheckAsync(host) is var entry ? (entry.Status, entry.Description) : default);
        await host.StopAsync();
    }

    private static async Task CheckHeldUpAsync(Func<Func<int, Coroutine>, TestHost> newHost)
    {
        using var over = new ManualResetEventSlim();
        var blocked = new TaskCompletionSource();
        using var host = newHost(async _ =>
        {
            blocked.SetResult();
            over.Wait();
            await Asyncio.Yield();
        });
        await host.StartAsync();
        await blocked.Task;
        var entry = await CheckAsync(host);
        over.Set();
        Assert.Equal((HealthStatus.Unhealthy, "loop TestService does not answer"), (entry.Status, entry.Description));
        await host.StopAsync();
    }

    private static TestHost NewHost(
        Func<int, Coroutine> service, Action<AsyncioOptions>? options = null) => new(service, options, services: static services =>
    {
        services.AddHealthChecks().AddAsyncioLoopCheck();
        services.Configure<HostOptions>(static options => options.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore);
    });

    private static async Task<HealthReportEntry> CheckAsync(TestHost host) =>
        (await host.Get<HealthCheckService>().CheckHealthAsync().WaitAsync(TimeSpan.FromSeconds(60))).Entries["asyncio"];
}
