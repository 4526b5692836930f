using System.Runtime.CompilerServices;

namespace AsyncioSharp.Tests.Diagnostics;

/// <summary>What a source file has at a line: tests mark their awaits by comments, and ask for those.</summary>
internal static class Lines
{
    /// <summary>The marks (<c>// at: NAME</c>) of the lines at which frames stand, the innermost first; empty for a line that has none.</summary>
    public static string[] Marks(IEnumerable<CallGraphFrame> frames, [CallerFilePath] string file = "") =>
        [.. frames.Where(frame => frame.File is not null).Select(frame => Mark(frame, file))];

    private static string Mark(CallGraphFrame frame, string file)
    {
        Assert.Equal(Path.GetFileName(file), Path.GetFileName(frame.File));
        var line = File.ReadAllLines(file)[frame.Line - 1];
        var mark = line.IndexOf("// at: ", StringComparison.Ordinal);
        return mark < 0 ? "" : line[(mark + "// at: ".Length)..];
    }
}
