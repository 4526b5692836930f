using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>A web application on the loops, on a free port of this machine.</summary>
internal sealed class Site : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Site(WebApplication app) => _app = app;

    private List<string> Complaints { get; init; } = [];

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    public int Port => Address.Port;

    public static async Task<Site> StartAsync(
        Action<WebApplication> configure, Action<AsyncioTransportOptions>? transport = null, Action<KestrelServerOptions>? kestrel = null,
        HttpProtocols protocols = HttpProtocols.Http1, bool tls = false, Action<KestrelServerOptions>? listen = null)
    {
        var complaints = new List<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(new Complaining(complaints)).SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseAsyncio(options =>
        {
            options.Loops = options.Loops with { Count = 2 };
            transport?.Invoke(options);
        });
        builder.WebHost.ConfigureKestrel(options =>
        {
            if (listen is null)
            {
                options.Listen(IPAddress.Loopback, 0, endpoint =>
                {
                    endpoint.Protocols = protocols;
                    if (tls)
                        endpoint.UseHttps(Certificates.Localhost);
                });
            }
            listen?.Invoke(options);
            kestrel?.Invoke(options);
        });
        var app = builder.Build();
        configure(app);
        await app.StartAsync();
        return new Site(app) { Complaints = complaints };
    }

    /// <summary>Neither Kestrel nor the loops have logged a warning.</summary>
    public void HasNothingToComplain()
    {
        lock (Complaints)
            Assert.True(Complaints.Count == 0, string.Join("\n", Complaints.Take(3)));
    }

    public Task StopAsync(CancellationToken cancellationToken = default) => _app.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed class Complaining(List<string> complaints) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(level))
                return;
            lock (complaints)
                complaints.Add($"{formatter(state, exception)} {exception}");
        }

        public void Dispose() { }
    }
}
