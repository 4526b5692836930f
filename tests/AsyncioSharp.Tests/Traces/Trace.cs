using System.Globalization;

namespace AsyncioSharp.Tests.Traces;

/// <summary>What a program prints, line by line, as its twin in Python does with <c>print</c>.</summary>
public sealed class Trace
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Adds a line of words with spaces between them; null is Python's <c>None</c>.</summary>
    public void Line(params object?[] words) =>
        _lines.Add(string.Join(' ', words.Select(word => Convert.ToString(word ?? "None", CultureInfo.InvariantCulture))));
}
