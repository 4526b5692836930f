namespace AsyncioSharp.Tests.Transports;

/// <summary>What this process holds open. Tests look that it does not become more: what others left to the finalizer may go
/// meanwhile.</summary>
internal static class Descriptors
{
    /// <summary>How many sockets and event descriptors are open. Other files come and go with the runtime.</summary>
    public static int Count() => All().Count(IsCounted);

    /// <summary>The paths of all that are open.</summary>
    public static IEnumerable<string> All()
    {
        // What tests before this one have dropped without closing it must not go in the middle.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        // Without the one through which they are read, which is closed by now.
        return Directory.GetFiles("/proc/self/fd").Where(static path => new FileInfo(path).LinkTarget is not null);
    }

    private static bool IsCounted(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.Name is { } name
                && (name.StartsWith("socket:", StringComparison.Ordinal) || name.StartsWith("anon_inode:", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false; // closed meanwhile
        }
    }
}
