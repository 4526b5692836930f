using System.Text;

namespace AsyncioSharp.Tests.Traces;

/// <summary>Two traces, one below the other where they differ.</summary>
internal static class TraceDifference
{
    public static string Show(IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        var shorter = Math.Min(expected.Count, actual.Count);
        var start = 0;
        while (start < shorter && expected[start] == actual[start])
            start++;
        var end = 0;
        while (end < shorter - start && expected[^(end + 1)] == actual[^(end + 1)])
            end++;

        var text = new StringBuilder();
        Add("  ", expected.Take(start));
        Add("- ", expected.Take(start..^end));
        Add("+ ", actual.Take(start..^end));
        Add("  ", expected.TakeLast(end));
        return text.ToString();

        void Add(string mark, IEnumerable<string> lines)
        {
            foreach (var line in lines)
                text.Append(mark).Append(line).Append('\n');
        }
    }
}
