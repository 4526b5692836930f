using System.Diagnostics.CodeAnalysis;
using AsyncioSharp.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers what runs on event loops with a host.</summary>
public static class AsyncioServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="AsyncioLoop"/>, a loop for all of the application, and what every <see cref="AsyncioBackgroundService"/> takes in its
    /// constructor. Options come from the section <c>Asyncio</c> of the configuration. It may be called more than once.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Options that hold for all loops, whatever the configuration says.</param>
    public static IServiceCollection AddAsyncio(this IServiceCollection services, Action<AsyncioOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<AsyncioOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<AsyncioOptions>, AsyncioOptionsSetup>(Setup));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AsyncioOptions>, AsyncioOptionsSetup>(Setup));
        services.TryAddSingleton(static provider => new LiveOptions(
            provider.GetRequiredService<IOptionsMonitor<AsyncioOptions>>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetService<IOptionsMonitorCache<AsyncioOptions>>(),
            provider.GetService<IConfiguration>()));
        services.TryAddSingleton(static provider => new AsyncioRuntime(
            provider.GetRequiredService<LiveOptions>(), provider.GetRequiredService<ILoggerFactory>(), provider.GetService<TimeProvider>()));
        services.TryAddSingleton<AsyncioLoop>();
        services.AddHostedService(static provider => provider.GetRequiredService<AsyncioLoop>());
        if (configure is not null)
            services.ConfigureAll(configure);
        return services;

        static AsyncioOptionsSetup Setup(IServiceProvider provider) => new(provider.GetService<IConfiguration>());
    }

    /// <summary>
    /// Registers a service that the host runs, and that others can take by its type. Its options come from the section
    /// <c>Asyncio:Services:NAME</c> of the configuration as well; the name is that of the class.
    /// </summary>
    /// <typeparam name="TService">The service.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="configure">Options of this service, whatever the configuration says. Only for one whose
    /// <see cref="AsyncioBackgroundService.ServiceName"/> is that of its class.</param>
    public static IServiceCollection AddAsyncioService<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TService>(
        this IServiceCollection services, Action<AsyncioOptions>? configure = null)
        where TService : AsyncioBackgroundService
    {
        services.AddAsyncio();
        services.TryAddSingleton<TService>();
        services.AddHostedService(static provider => provider.GetRequiredService<TService>());
        if (configure is not null)
            services.Configure(typeof(TService).Name, configure);
        return services;
    }
}
