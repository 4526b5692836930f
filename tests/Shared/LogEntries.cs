using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Tests;

/// <summary>A logger that keeps what it is told.</summary>
internal sealed class LogEntries : ILogger
{
    private readonly List<(LogLevel Level, string Text, Exception? Exception)> _entries = [];

    public List<(LogLevel Level, string Text, Exception? Exception)> Take()
    {
        var taken = _entries.ToList();
        _entries.Clear();
        return taken;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Add((level, formatter(state, exception), exception));
}
