using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace AsyncioSharp.Hosting;

/// <summary>
/// The options as they are now. They follow the configuration, and what else changes them; wrong ones are logged, and those before go on
/// holding, as a typing error must not end a program that runs.
/// </summary>
internal sealed class LiveOptions : IDisposable
{
    private readonly IOptionsMonitor<AsyncioOptions> _monitor;
    private readonly IOptionsMonitorCache<AsyncioOptions>? _cache;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, AsyncioOptions> _current = new(StringComparer.Ordinal);
    private readonly Lock _changing = new(); // the last change to come is the last to be read
    private readonly IDisposable? _configurationChanges;
    private readonly IDisposable? _monitorChanges;

    // The configuration is watched here and not by the monitor: that would have to know the names of all services beforehand, and throws what is
    // wrong at whoever has reloaded it.
    public LiveOptions(
        IOptionsMonitor<AsyncioOptions> monitor, ILoggerFactory loggerFactory,
        IOptionsMonitorCache<AsyncioOptions>? cache = null, IConfiguration? configuration = null)
    {
        (_monitor, _cache, _logger) = (monitor, cache, loggerFactory.CreateLogger(typeof(AsyncioRuntime).FullName!));
        _monitorChanges = monitor.OnChange((_, name) => ReloadOne(name ?? Options.DefaultName));
        if (configuration is not null)
            _configurationChanges = ChangeToken.OnChange(configuration.GetReloadToken, ReloadAll);
    }

    /// <summary>Told of changes, on whatever thread they are made.</summary>
    public event Action? Changed;

    /// <exception cref="OptionsValidationException">They are wrong, and always were.</exception>
    public AsyncioOptions Get(string name)
    {
        if (_current.TryGetValue(name, out var options))
            return options;
        lock (_changing) // those that a change has just made old must not be kept
            return _current.GetOrAdd(name, _monitor.Get);
    }

    public void Dispose()
    {
        _configurationChanges?.Dispose();
        _monitorChanges?.Dispose();
    }

    private void ReloadOne(string name)
    {
        lock (_changing)
        {
            _cache?.TryRemove(name);
            if (_current.ContainsKey(name))
                Reload(name);
        }
        Changed?.Invoke();
    }

    private void ReloadAll()
    {
        lock (_changing)
        {
            _cache?.Clear(); // also what somebody has asked for whose service has not begun
            foreach (var name in _current.Keys)
                Reload(name);
        }
        Changed?.Invoke();
    }

    private void Reload(string name)
    {
        try
        {
            _current[name] = _monitor.Get(name);
        }
        catch (Exception e) // of binding, of validating, or of somebody's code
        {
            Log.OptionsRefused(
                _logger, e, name.Length == 0 ? AsyncioOptions.SectionName : $"{AsyncioOptions.SectionName}:Services:{name}", e.Message);
        }
    }
}
