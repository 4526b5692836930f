using AsyncioSharp.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Has the clients of an <see cref="IHttpClientFactory"/> use an event loop's connections.</summary>
public static class AsyncioHttpClientBuilderExtensions
{
    /// <summary>
    /// Has these clients use the connections of the loop on which they are first used; see <see cref="AsyncioHttpHandler"/>.
    /// </summary>
    /// <param name="builder">The clients.</param>
    /// <param name="configure">Sets what <see cref="SocketsHttpHandler"/> has to set, for each handler that the factory
    /// makes.</param>
    /// <param name="options">How they connect.</param>
    /// <returns>The builder.</returns>
    public static IHttpClientBuilder UseAsyncio(
        this IHttpClientBuilder builder, Action<SocketsHttpHandler>? configure = null, AsyncioHttpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigurePrimaryHttpMessageHandler(() => AsyncioHttpHandler.Create(configure, options));
    }
}
