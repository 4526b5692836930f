using System.Collections;

namespace AsyncioSharp.CompilerServices;

/// <summary>What a loop logs: a text, and its parts as properties for loggers that keep those apart.</summary>
internal sealed class LogReport(string text) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly List<KeyValuePair<string, object?>> _properties = [];

    public int Count => _properties.Count + 1;

    // The last one is the text itself, by the convention of Microsoft.Extensions.Logging.
    public KeyValuePair<string, object?> this[int index] =>
        index < _properties.Count ? _properties[index] : new KeyValuePair<string, object?>("{OriginalFormat}", text);

    public void Add(string name, object? value)
    {
        if (value is not null)
            _properties.Add(new KeyValuePair<string, object?>(name, value));
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    public override string ToString() => text;

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
