using System.Globalization;

namespace AsyncioSharp.CompilerServices;

/// <summary>What a thread does, as Linux tells it.</summary>
/// <param name="IsRunnable">Whether it runs, or would if it had a processor.</param>
/// <param name="OnProcessor">For how long it has run so far.</param>
internal readonly record struct ThreadUsage(bool IsRunnable, TimeSpan OnProcessor)
{
    [ThreadStatic]
    private static string? t_directory;

    /// <summary>The directory of this thread in the file system of processes; null where there is none.</summary>
    public static string? DirectoryOfThisThread()
    {
        try
        {
            if (t_directory is null && OperatingSystem.IsLinux() && new FileInfo("/proc/thread-self").LinkTarget is { } target)
                t_directory = $"/proc/{target}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is nothing to read about threads here.
        }
        return t_directory;
    }

    /// <summary>Of a thread, by its directory.</summary>
    public static ThreadUsage? Of(string? directory)
    {
        if (Read(directory, "stat") is not { } state || Read(directory, "schedstat")?.Split(' ') is not [var nanoseconds, ..])
            return null;
        // The state stands behind the thread's name, in which there may be anything.
        return long.TryParse(nanoseconds, CultureInfo.InvariantCulture, out var running)
            ? new ThreadUsage(state.AsSpan(state.LastIndexOf(')') + 1).StartsWith(" R"), TimeSpan.FromTicks(running / TimeSpan.NanosecondsPerTick))
            : null;
    }

    /// <summary>The function of the kernel in which a thread waits.</summary>
    public static string? KernelFunction(string? directory) => Read(directory, "wchan") is { Length: > 1 } name ? name.Trim() : null;

    // Where the kernel is built without it, or the thread has ended, there is nothing to read.
    private static string? Read(string? directory, string file)
    {
        try
        {
            return directory is null ? null : File.ReadAllText($"{directory}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
