using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

// On which processor a thread runs.
internal static unsafe partial class Libc
{
    private const int ProcessorsInSet = 1024; // a cpu_set_t

    /// <summary>SOL_SOCKET.</summary>
    public const int SocketLevel = 1;

    /// <summary>SO_INCOMING_CPU.</summary>
    public const int IncomingProcessor = 49;

    /// <summary>The processor that this thread runs on at the moment.</summary>
    public static int CurrentProcessor() => sched_getcpu();

    /// <summary>The processors that this thread may run on; none if the system does not say.</summary>
    public static int[] AllowedProcessors()
    {
        var set = stackalloc ulong[ProcessorsInSet / 64];
        if (sched_getaffinity(0, ProcessorsInSet / 8, set) < 0)
            return [];
        var allowed = new List<int>();
        for (var i = 0; i < ProcessorsInSet; i++)
        {
            if ((set[i / 64] >> i % 64 & 1) != 0)
                allowed.Add(i);
        }
        return [.. allowed];
    }

    /// <summary>Moves this thread to a processor, and leaves it free to be moved on by the system.</summary>
    /// <param name="processor">One of <see cref="AllowedProcessors"/>.</param>
    public static void MoveToProcessor(int processor)
    {
        var before = stackalloc ulong[ProcessorsInSet / 64];
        var only = stackalloc ulong[ProcessorsInSet / 64];
        if (sched_getaffinity(0, ProcessorsInSet / 8, before) < 0)
            return;
        new Span<ulong>(only, ProcessorsInSet / 64).Clear();
        only[processor / 64] = 1UL << processor % 64;
        if (sched_setaffinity(0, ProcessorsInSet / 8, only) >= 0) // else it may not run there any more, and stays where it is
            _ = sched_setaffinity(0, ProcessorsInSet / 8, before);
    }

    /// <summary>The processor on which the system has received what came last on a socket; negative if it does not say.</summary>
    public static int ReceivingProcessor(int descriptor)
    {
        int processor;
        var length = (uint)sizeof(int);
        return getsockopt(descriptor, SocketLevel, IncomingProcessor, &processor, &length) < 0 ? -1 : processor;
    }

    [LibraryImport(Library)]
    private static partial int sched_getcpu();

    [LibraryImport(Library)]
    private static partial int sched_getaffinity(int thread, nuint size, ulong* set);

    [LibraryImport(Library)]
    private static partial int sched_setaffinity(int thread, nuint size, ulong* set);

    [LibraryImport(Library)]
    private static partial int getsockopt(int descriptor, int level, int name, void* value, uint* length);
}
