using AsyncioSharp.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Has the clients of an <see cref="IHttpClientFactory"/> use an event loop's connections.</summary>
public static class AsyncioHttpClientBuilderExtensions
{
    /// <summary>
    /// Has these clients use the connections of the loop on which a request is made, each loop's its own; or of
    /// <see cref="AsyncioHttpOptions.Loop"/>. See <see cref="AsyncioHttpHandler"/>.
    /// </summary>
    /// <param name="builder">The clients.</param>
    /// <param name="configure">Sets what <see cref="SocketsHttpHandler"/> has to set, for each loop and each handler that the
    /// factory makes.</param>
    /// <param name="options">How they connect.</param>
    /// <returns>The builder.</returns>
    public static IHttpClientBuilder UseAsyncio(
        this IHttpClientBuilder builder, Action<SocketsHttpHandler>? configure = null, AsyncioHttpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigurePrimaryHttpMessageHandler(() => options?.Loop is null
            ? new LoopHttpHandlers(() => AsyncioHttpHandler.Create(configure, options))
            : AsyncioHttpHandler.Create(configure, options));
    }
}
