using System.Globalization;

namespace AsyncioSharp.CompilerServices;

/// <summary>What a thread does, as Linux tells it.</summary>
/// <param name="IsRunnable">Whether it runs, or would if it had a processor.</param>
/// <param name="OnProcessor">For how long it has run so far.</param>
internal readonly record struct ThreadUsage(bool IsRunnable, TimeSpan OnProcessor)
{
    /// <summary>The directory of this thread in the file system of processes; null where there is none.</summary>
    public static string? DirectoryOfThisThread()
    {
        try
        {
            return OperatingSystem.IsLinux() && new FileInfo("/proc/thread-self").LinkTarget is { } target ? $"/proc/{target}" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
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
