using System.Globalization;

namespace AsyncioSharp.Tests.Subprocesses;

/// <summary>The children of this process, as the system knows them.</summary>
internal static class Children
{
    /// <summary>Their numbers, also of those that have ended and were not reaped.</summary>
    public static int[] All() => [.. Directory.EnumerateDirectories("/proc")
        .Where(static path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out _) && IsOurs(path))
        .Select(static path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))];

    /// <summary>Whether a process exists and has not ended.</summary>
    public static bool Runs(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Split(") ")[1][0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>What the system tells of one, for a failure's message.</summary>
    public static string Describe(int process)
    {
        try
        {
            return $"{File.ReadAllText($"/proc/{process}/stat").TrimEnd()} {File.ReadAllText($"/proc/{process}/cmdline").Replace('\0', ' ')}";
        }
        catch (IOException)
        {
            return $"{process}, which has ended meanwhile";
        }
    }

    private static bool IsOurs(string path)
    {
        try
        {
            // Number, name in parentheses, which may contain anything, state, parent.
            return File.ReadAllText($"{path}/stat").Split(") ")[^1].Split(' ')[1] == $"{Environment.ProcessId}";
        }
        catch (IOException)
        {
            return false; // it has ended meanwhile
        }
    }
}
