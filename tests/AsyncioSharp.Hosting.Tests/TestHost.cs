using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Hosting.Tests;

/// <summary>A host with one service, or none, whose log is kept. What hangs fails in the end.</summary>
internal sealed class TestHost : IDisposable
{
    public TestHost(Func<int, Coroutine>? service = null, Action<AsyncioOptions>? options = null,
        Dictionary<string, string?>? settings = null, Action<IServiceCollection>? services = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Logging.AddProvider(Log);
        builder.Services.AddAsyncio(options);
        if (service is not null)
        {
            builder.Services.AddSingleton(Script = new TestService.Script(service));
            builder.Services.AddAsyncioService<TestService>();
        }
        services?.Invoke(builder.Services);
        Host = builder.Build();
    }

    public IHost Host { get; }

    public LogRecords Log { get; } = new();

    public TestService.Script? Script { get; }

    public TestService Service => Get<TestService>();

    public AsyncioLoop Loop => Get<AsyncioLoop>();

    public CancellationToken Stopping => Get<IHostApplicationLifetime>().ApplicationStopping;

    public T Get<T>()
        where T : notnull => Host.Services.GetRequiredService<T>();

    public Task StartAsync() => Host.StartAsync().WaitAsync(Patience);

    public Task StopAsync(CancellationToken cancellationToken = default) => Host.StopAsync(cancellationToken).WaitAsync(Patience);

    public void Dispose() => Host.Dispose();
}
