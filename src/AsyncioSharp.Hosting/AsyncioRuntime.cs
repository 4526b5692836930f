using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AsyncioSharp.Hosting;

/// <summary>
/// What the loops of a host have in common: options, logging, and a list of who runs. <c>AddAsyncio</c> registers it; services take it
/// in their constructor and pass it on to <see cref="AsyncioBackgroundService"/>.
/// </summary>
public sealed class AsyncioRuntime
{
    private readonly object _gate = new();
    private readonly LiveOptions _options;
    private readonly List<HostedLoop> _loops = [];
    private readonly List<AsyncioBackgroundService> _services = [];

    /// <summary>For tests and containers of one's own; <c>AddAsyncio</c> makes one that also follows the configuration.</summary>
    /// <param name="options">The options, and their changes.</param>
    /// <param name="loggerFactory">Where loops and services log.</param>
    /// <param name="timeProvider">The clock by which services are restarted; by default the system's.</param>
    public AsyncioRuntime(IOptionsMonitor<AsyncioOptions> options, ILoggerFactory loggerFactory, TimeProvider? timeProvider = null)
        : this(new LiveOptions(options ?? throw new ArgumentNullException(nameof(options)),
            loggerFactory ?? throw new ArgumentNullException(nameof(loggerFactory))), loggerFactory, timeProvider)
    {
    }

    internal AsyncioRuntime(LiveOptions options, ILoggerFactory loggerFactory, TimeProvider? timeProvider)
    {
        (_options, LoggerFactory, TimeProvider) = (options, loggerFactory, timeProvider ?? TimeProvider.System);
        _options.Changed += FollowOptions;
    }

    internal ILoggerFactory LoggerFactory { get; }

    internal TimeProvider TimeProvider { get; }

    internal HostedLoop[] Loops
    {
        get
        {
            lock (_gate)
                return [.. _loops];
        }
    }

    internal AsyncioBackgroundService[] Services
    {
        get
        {
            lock (_gate)
                return [.. _services];
        }
    }

    internal AsyncioOptions OptionsOf(string name) => _options.Get(name);

    internal void Add(HostedLoop loop)
    {
        lock (_gate)
            _loops.Add(loop);
    }

    internal void Remove(HostedLoop loop)
    {
        lock (_gate)
            _loops.Remove(loop);
    }

    internal void Add(AsyncioBackgroundService service)
    {
        lock (_gate)
            _services.Add(service);
    }

    internal void Remove(AsyncioBackgroundService service)
    {
        lock (_gate)
            _services.Remove(service);
    }

    private void FollowOptions()
    {
        foreach (var loop in Loops)
            loop.FollowOptions();
    }
}
