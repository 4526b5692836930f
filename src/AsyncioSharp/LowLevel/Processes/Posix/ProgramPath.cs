namespace AsyncioSharp.LowLevel;

/// <summary>Where programs are found on Unix.</summary>
internal static class ProgramPath
{
    private const string Default = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>Looks for a program as a shell does.</summary>
    /// <param name="program">Its name, or a path if it contains a slash.</param>
    /// <param name="searched">The <c>PATH</c>.</param>
    /// <param name="directory">Where it will start, which relative paths mean; null for here.</param>
    /// <returns>Its path; of a file that is there and may not be executed, if there is no other; null if there is none.</returns>
    public static string? Find(string program, string? searched, string? directory)
    {
        if (program.Contains('/'))
            return program;
        string? refused = null;
        foreach (var place in (searched ?? Default).Split(':'))
        {
            var path = Path.Combine(place.Length == 0 ? "." : place, program);
            var seenFromHere = directory is null ? path : Path.Combine(directory, path);
            if (!File.Exists(seenFromHere))
                continue;
            if (PosixProcess.IsExecutable(seenFromHere))
                return path;
            refused ??= path;
        }
        return refused;
    }
}
