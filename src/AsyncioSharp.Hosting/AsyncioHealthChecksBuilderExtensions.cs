using AsyncioSharp.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the health check of event loops.</summary>
public static class AsyncioHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check of the host's loops: how long they take to run a callback (<see cref="AsyncioOptions.DegradedLag"/>,
    /// <see cref="AsyncioOptions.UnhealthyLag"/>), and whether services have failed.
    /// </summary>
    /// <param name="builder">The checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What is said of a loop that does not answer, and of a service that has failed; unhealthy by default.</param>
    /// <param name="tags">By which checks are chosen.</param>
    public static IHealthChecksBuilder AddAsyncioLoopCheck(
        this IHealthChecksBuilder builder, string name = "asyncio", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddAsyncio();
        return builder.AddCheck<AsyncioLoopHealthCheck>(name, failureStatus, tags ?? []);
    }
}
