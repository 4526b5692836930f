using System.Globalization;

namespace AsyncioSharp.Tests.Traces;

/// <summary>The Python programs in Programs/ and their traces; the assembly carries them as resources.</summary>
internal static class TraceProgram
{
    private const string Prefix = "Traces/Programs/";

    /// <summary>The names of all files that end so, without the ending.</summary>
    public static IEnumerable<string> NamesOf(string ending) =>
        from resource in typeof(TraceProgram).Assembly.GetManifestResourceNames()
        where resource.StartsWith(Prefix, StringComparison.Ordinal) && resource.EndsWith(ending, StringComparison.Ordinal)
        select resource[Prefix.Length..^ending.Length];

    /// <summary>The lines that a program is to print.</summary>
    public static IReadOnlyList<string> ExpectedLines(string name)
    {
        using var stream = typeof(TraceProgram).Assembly.GetManifestResourceStream($"{Prefix}{name}.expected");
        Assert.True(stream is not null, $"no trace is expected of {name}: is there a Programs/{name}.py, and did Traces/regenerate run?");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().TrimEnd('\n').Split('\n');
    }

    /// <summary>The name of the test that is a program's twin: <c>call_soon_order</c> has <c>CallSoonOrder</c>.</summary>
    public static string TwinOf(string name) =>
        string.Concat(name.Split('_').Select(word => char.ToUpper(word[0], CultureInfo.InvariantCulture) + word[1..]));
}
