using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Hosting.Tests;

/// <summary>Keeps what the host and everything in it logs.</summary>
internal sealed class LogRecords : ILoggerProvider
{
    public sealed record Entry(
        string Category, LogLevel Level, EventId Id, string Text, Exception? Exception, IReadOnlyList<KeyValuePair<string, object?>> Properties);

    private readonly ConcurrentQueue<Entry> _entries = new();

    public IReadOnlyCollection<Entry> Entries => _entries;

    /// <summary>Those of an event.</summary>
    public Entry[] Of(string eventName) => [.. _entries.Where(entry => entry.Id.Name == eventName)];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose() { }

    private sealed class Logger(LogRecords records, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            records._entries.Enqueue(new Entry(
                category, logLevel, eventId, formatter(state, exception), exception, state as IReadOnlyList<KeyValuePair<string, object?>> ?? []));
    }
}
