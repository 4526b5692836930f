using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AsyncioSharp.Hosting;

/// <summary>Whether the host's loops turn in time, and its services run.</summary>
internal sealed class AsyncioLoopHealthCheck(AsyncioRuntime runtime) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object>();
        var problems = new List<string>();
        var status = HealthStatus.Healthy;
        var loops = runtime.Loops;
        var lags = await Task.WhenAll(loops.Select(loop => loop.MeasureLagAsync(cancellationToken))).ConfigureAwait(false);
        foreach (var (loop, lag) in loops.Zip(lags))
        {
            if (lag is not { } time)
            {
                if (!loop.IsEnding)
                    Add(context.Registration.FailureStatus, $"loop {loop.Name} has ended, though the host runs");
                continue;
            }
            data[$"{loop.Name}.lag"] = time.TotalSeconds;
            if (time >= loop.Options.UnhealthyLag)
                Add(context.Registration.FailureStatus, $"loop {loop.Name} does not answer");
            else if (time >= loop.Options.DegradedLag)
                Add(HealthStatus.Degraded, $"loop {loop.Name} answers after {time.TotalSeconds:F1} s");
        }
        foreach (var service in runtime.Services)
        {
            var state = service.State;
            data[$"{service.ServiceName}.state"] = state.ToString();
            if (state == AsyncioServiceState.Failed)
                Add(context.Registration.FailureStatus, $"service {service.ServiceName} has failed");
            else if (state == AsyncioServiceState.Restarting)
                Add(HealthStatus.Degraded, $"service {service.ServiceName} has failed and waits for its restart");
        }
        return new HealthCheckResult(status, problems.Count == 0 ? null : string.Join("; ", problems), data: data);

        void Add(HealthStatus found, string problem)
        {
            if (found < status)
                status = found; // the worse ones are less
            problems.Add(problem);
        }
    }
}
