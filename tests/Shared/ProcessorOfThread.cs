using System.Runtime.InteropServices;

namespace AsyncioSharp.Tests;

/// <summary>The processors that a thread runs on, and may run on: Linux's calls.</summary>
internal static class ProcessorOfThread
{
    private const int Bytes = 128; // of a cpu_set_t

    /// <summary>The one that this thread runs on at the moment.</summary>
    public static int Current => sched_getcpu();

    /// <summary>Those that this thread may run on; none if the system does not say.</summary>
    public static int[] Allowed
    {
        get
        {
            var set = new byte[Bytes];
            return sched_getaffinity(0, Bytes, set) != 0 ? [] // there are more than fit
                : [.. Enumerable.Range(0, 8 * Bytes).Where(i => (set[i / 8] >> i % 8 & 1) != 0)];
        }
    }

    /// <summary>Binds this thread.</summary>
    public static void Bind(params int[] processors)
    {
        var set = new byte[Bytes];
        foreach (var processor in processors)
            set[processor / 8] |= (byte)(1 << processor % 8);
        Assert.Equal(0, sched_setaffinity(0, Bytes, set));
    }

    [DllImport("libc")]
    private static extern int sched_getcpu();

    [DllImport("libc")]
    private static extern int sched_getaffinity(int thread, nuint size, byte[] set);

    [DllImport("libc")]
    private static extern int sched_setaffinity(int thread, nuint size, byte[] set);
}
