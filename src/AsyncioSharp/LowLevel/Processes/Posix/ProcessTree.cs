using System.Globalization;

namespace AsyncioSharp.LowLevel;

/// <summary>What a process has started, and what that has, as <c>/proc</c> tells.</summary>
internal static class ProcessTree
{
    private const int StopSignal = 19;

    /// <summary>Kills all descendants of a process. Those whose parents have ended before are not found.</summary>
    public static void KillDescendants(int root)
    {
        // Stopped first, they start no more while the others are looked for.
        _ = PosixProcess.Send(root, StopSignal);
        List<int> found = [root];
        try
        {
            StopDescendants(found);
        }
        finally
        {
            foreach (var process in found.Skip(1))
                _ = PosixProcess.Send(process, ChildProcess.KillSignal); // or it would be stopped for ever
        }
    }

    private static void StopDescendants(List<int> found)
    {
        for (var more = true; more;)
        {
            more = false;
            foreach (var (process, parent) in Processes())
            {
                if (!found.Contains(parent) || found.Contains(process))
                    continue;
                found.Add(process);
                _ = PosixProcess.Send(process, StopSignal);
                more = true;
            }
        }
    }

    private static IEnumerable<(int Process, int Parent)> Processes()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var process))
                continue;
            string status;
            try
            {
                if (Faults.Strike("stat"))
                    throw new UnauthorizedAccessException();
                status = File.ReadAllText($"{directory}/stat");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // it has ended meanwhile, or is another user's, of whom a /proc that is mounted with hidepid tells nothing
            }
            // Number, name in parentheses, which may contain anything, state, parent.
            var fields = status[(status.LastIndexOf(')') + 2)..].Split(' ');
            yield return (process, int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
    }
}
