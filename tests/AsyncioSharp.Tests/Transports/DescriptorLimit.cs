using System.Runtime.InteropServices;

namespace AsyncioSharp.Tests.Transports;

/// <summary>Lowers this process's limit of descriptors for a while.</summary>
internal sealed class DescriptorLimit : IDisposable
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE

    private readonly Limit _before;

    /// <summary>Leaves room for so many more descriptors.</summary>
    public DescriptorLimit(int room)
    {
        Assert.Equal(0, getrlimit(OpenFiles, out _before));
        // The kernel gives out the lowest free number, so the limit has to lie above the gaps too.
        var used = Descriptors.All().Select(static path => int.Parse(Path.GetFileName(path))).ToHashSet();
        var limit = 0;
        for (var free = 0; free < room; limit++)
            free += used.Contains(limit) ? 0 : 1;
        Set(_before with { Soft = (nuint)limit });
    }

    public void Dispose() => Set(_before);

    private static void Set(Limit limit) => Assert.Equal(0, setrlimit(OpenFiles, in limit));

    [StructLayout(LayoutKind.Sequential)]
    private record struct Limit(nuint Soft, nuint Hard);

    [DllImport("libc")]
    private static extern int getrlimit(int resource, out Limit limit);

    [DllImport("libc")]
    private static extern int setrlimit(int resource, in Limit limit);
}
