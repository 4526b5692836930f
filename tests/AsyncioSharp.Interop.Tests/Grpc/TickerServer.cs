using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Tests.Interop;

/// <summary>The ticker served by Kestrel on a free port.</summary>
public sealed class TickerServer : IDisposable
{
    private readonly WebApplication _application;
    private readonly TickerService _service = new();

    public TickerServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(_service);
        _application = builder.Build();
        _application.MapGrpcService<TickerService>();
        _application.StartAsync().GetAwaiter().GetResult();
        Address = _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    public string Address { get; }

    /// <summary>How many calls wait until they are cancelled.</summary>
    public int Blocked => _service.Blocked;

    public void Dispose() => _application.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
