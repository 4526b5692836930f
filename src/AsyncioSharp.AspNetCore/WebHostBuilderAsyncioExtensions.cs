using AsyncioSharp.AspNetCore;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Puts Kestrel on event loops.</summary>
public static class WebHostBuilderAsyncioExtensions
{
    private static readonly ServiceDescriptor s_endpoints = ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>>(
        new ConfigureOptions<KestrelServerOptions>(static options =>
            options.ConfigureEndpointDefaults(static endpoint => endpoint.Use(LoopConnectionMiddleware.Wrap))));

    /// <summary>
    /// Has event loops carry Kestrel's connections, one loop a core: a request is parsed, handled and answered on the thread of the
    /// loop that owns its connection, and its handler may await coroutines.
    /// </summary>
    /// <param name="builder">The web host.</param>
    /// <param name="configure">How; nothing need be set.</param>
    public static IWebHostBuilder UseAsyncio(this IWebHostBuilder builder, Action<AsyncioTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services =>
        {
            services.AddSingleton<IConnectionListenerFactory, AsyncioTransportFactory>(); // of several Kestrel asks the last first
            services.AddTransient<IStartupFilter, LoopStartupFilter>();
            services.Insert(0, s_endpoints); // before the application's options: endpoints take these defaults when they are made
            if (configure is not null)
                services.Configure(configure);
        });
    }
}
