using AsyncioSharp.LowLevel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AsyncioSharp.Hosting.Tests;

public class OptionsTests
{
    [Fact]
    public void They_come_from_the_configuration_for_all_and_for_each_service()
    {
        using var host = new TestHost(static _ => default, settings: new()
        {
            ["Asyncio:Debug"] = "true",
            ["Asyncio:StallThreshold"] = "00:00:00.25",
            ["Asyncio:TracedActivities"] = "Tasks, Connections",
            ["Asyncio:StopTimeout"] = "00:00:07",
            ["Asyncio:Restart"] = "OnFailure",
            ["Asyncio:MaxRestarts"] = "3",
            ["Asyncio:Services:TestService:MaxRestarts"] = "5",
            ["Asyncio:Services:TestService:RestartDelay"] = "00:00:02",
        });
        var (all, own) = (OptionsOf(host, Options.DefaultName), OptionsOf(host, "TestService"));
        Assert.Equal((true, TimeSpan.FromSeconds(0.25), TracedActivities.Tasks | TracedActivities.Connections),
            (all.Debug, all.StallThreshold, all.TracedActivities));
        Assert.Equal((TimeSpan.FromSeconds(7), RestartPolicy.OnFailure, 3, TimeSpan.FromSeconds(1)),
            (all.StopTimeout, all.Restart, all.MaxRestarts, all.RestartDelay));
        Assert.Equal((true, RestartPolicy.OnFailure, 5, TimeSpan.FromSeconds(2)), (own.Debug, own.Restart, own.MaxRestarts, own.RestartDelay));
    }

    [Fact]
    public async Task Code_has_the_last_word_and_they_reach_the_loop()
    {
        (bool, TimeSpan?, TracedActivities, Type) seen = default;
        using var host = new TestHost(
            async _ =>
            {
                var loop = EventLoop.Running;
                seen = (loop.Debug, loop.StallThreshold, loop.TracedActivities, loop.GetType());
                await Asyncio.Sleep(TimeSpan.FromDays(1)); // in virtual time
            },
            static options => options.Debug = true,
            new() { ["Asyncio:Debug"] = "false", ["Asyncio:StallThreshold"] = "00:00:00", ["Asyncio:TracedActivities"] = "Tasks" },
            static services => services.Configure<AsyncioOptions>("TestService", static options =>
                options.ConfigureRunner(static runner => runner with { LoopFactory = static () => new VirtualEventLoop() })));
        await host.StartAsync();
        await Until(() => host.Service.State == AsyncioServiceState.Ended);
        Assert.Equal((true, null, TracedActivities.Tasks, typeof(VirtualEventLoop)), seen);
        await host.StopAsync();
    }

    [Theory]
    [InlineData("Asyncio:UnhealthyLag", "00:00:00.1", "Asyncio:UnhealthyLag must not be less than DegradedLag.")]
    [InlineData("Asyncio:StallThreshold", "-1", "Asyncio:StallThreshold must not be negative; zero turns it off.")]
    [InlineData("Asyncio:Services:TestService:MaxRestarts", "-1", "Asyncio:Services:TestService:MaxRestarts must not be negative.")]
    [InlineData("Asyncio:Services:TestService:RestartDelay", "01:00:00",
        "Asyncio:Services:TestService:MaxRestartDelay must not be less than RestartDelay.")]
    [InlineData("Asyncio:Services:TestService:RestartResetAfter", "-00:00:01",
        "Asyncio:Services:TestService:RestartResetAfter must not be negative.")]
    [InlineData("Asyncio:Services:TestService:MaxRestartDelay", "50.00:00:00",
        "Asyncio:Services:TestService:MaxRestartDelay must not be more than 49 days.")]
    [InlineData("Asyncio:Services:TestService:StopTimeout", "50.00:00:00", "Asyncio:Services:TestService:StopTimeout must not be more than 49 days.")]
    [InlineData("Asyncio:UnhealthyLag", "50.00:00:00", "Asyncio:UnhealthyLag must not be more than 49 days.")]
    public async Task Wrong_ones_fail_the_start_of_the_host(string key, string value, string message)
    {
        using var host = new TestHost(static _ => default, settings: new() { [key] = value });
        var e = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_configuration_they_have_their_defaults()
    {
        using var provider = new ServiceCollection().AddLogging().AddAsyncio().AddAsyncio().BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<AsyncioOptions>>().Value;
        Assert.Equal((null, RestartPolicy.Never, TimeSpan.FromSeconds(1)), (options.Debug, options.Restart, options.StallThreshold));
        Assert.Single(provider.GetServices<IHostedService>());
    }

    private static AsyncioOptions OptionsOf(TestHost host, string name) => host.Get<IOptionsMonitor<AsyncioOptions>>().Get(name);
}
