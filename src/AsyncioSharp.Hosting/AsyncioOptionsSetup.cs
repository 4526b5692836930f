using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AsyncioSharp.Hosting;

/// <summary>Binds options from the configuration and checks them. Those of a service have its name.</summary>
internal sealed class AsyncioOptionsSetup(IConfiguration? configuration = null)
    : IConfigureNamedOptions<AsyncioOptions>, IValidateOptions<AsyncioOptions>
{
    // .NET's timers take no longer times, which would be found out in the middle of a stop.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(49);

    public void Configure(AsyncioOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, AsyncioOptions options)
    {
        if (configuration?.GetSection(AsyncioOptions.SectionName) is not { } section)
            return;
        section.Bind(options);
        if (!string.IsNullOrEmpty(name))
            section.GetSection("Services").GetSection(name).Bind(options);
    }

    public ValidateOptionsResult Validate(string? name, AsyncioOptions options)
    {
        var errors = new List<string>();
        Check(options.StallThreshold >= TimeSpan.Zero || options.StallThreshold is null,
            nameof(options.StallThreshold), "must not be negative; zero turns it off");
        Check(options.SlowCallbackDuration >= TimeSpan.Zero || options.SlowCallbackDuration is null,
            nameof(options.SlowCallbackDuration), "must not be negative");
        Check(options.StopTimeout > TimeSpan.Zero || options.StopTimeout is null, nameof(options.StopTimeout), "must be more than zero");
        CheckLength(options.StopTimeout, nameof(options.StopTimeout));
        Check(options.TaskShutdownTimeout >= TimeSpan.Zero || options.TaskShutdownTimeout is null,
            nameof(options.TaskShutdownTimeout), "must not be negative");
        Check(options.ExecutorShutdownTimeout >= TimeSpan.Zero, nameof(options.ExecutorShutdownTimeout), "must not be negative");
        Check(options.RestartDelay >= TimeSpan.Zero, nameof(options.RestartDelay), "must not be negative");
        Check(options.MaxRestartDelay >= options.RestartDelay, nameof(options.MaxRestartDelay),
            $"must not be less than {nameof(options.RestartDelay)}");
        CheckLength(options.MaxRestartDelay, nameof(options.MaxRestartDelay));
        Check(options.RestartResetAfter >= TimeSpan.Zero, nameof(options.RestartResetAfter), "must not be negative");
        Check(options.MaxRestarts is null or >= 0, nameof(options.MaxRestarts), "must not be negative");
        Check(options.DegradedLag > TimeSpan.Zero, nameof(options.DegradedLag), "must be more than zero");
        Check(options.UnhealthyLag >= options.DegradedLag, nameof(options.UnhealthyLag), $"must not be less than {nameof(options.DegradedLag)}");
        CheckLength(options.UnhealthyLag, nameof(options.UnhealthyLag));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void CheckLength(TimeSpan? time, string option) =>
            Check(time is null || time <= s_longest, option, $"must not be more than {s_longest.TotalDays} days");

        void Check(bool isRight, string option, string rule)
        {
            if (!isRight)
                errors.Add($"{AsyncioOptions.SectionName}{(string.IsNullOrEmpty(name) ? "" : $":Services:{name}")}:{option} {rule}.");
        }
    }
}
