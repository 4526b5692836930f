using System.Globalization;
using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>A program of its own in which no thread can be made for a while, which others in the same process could not bear.</summary>
internal static class ProgramWithoutThreads
{
    public const string Name = "no threads";

    private const int AddressSpace = 9; // RLIMIT_AS
    private const long StackSize = 1 << 30;
    private const int SpareStacks = 3;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>So that there can be too little room for a thread, and enough for all else.</summary>
    public static readonly KeyValuePair<string, string> LargeStacks =
        new("DOTNET_Thread_DefaultStackSize", StackSize.ToString("x", CultureInfo.InvariantCulture));

    public static int Run()
    {
        using var loop = new VirtualEventLoop();
        using var other = new VirtualEventLoop();
        loop.RunUntilComplete(WorkAsync());
        loop.RunOnce();
        loop.StallThreshold = TimeSpan.FromMilliseconds(10); // which needs a thread
        for (var i = 0; i < SpareStacks; i++) // the system keeps those of threads that have ended, for the next
            new Thread(static () => Thread.Sleep(Timeout.Infinite)) { IsBackground = true }.Start();
        ulong[] limit = [0, 0];
        getrlimit(AddressSpace, limit);
        var before = limit[0];
        limit[0] = (ulong)(Used() + StackSize / 2);
        setrlimit(AddressSpace, limit);
        Try(() => loop.RunUntilComplete(WorkAsync()));
        Try(() => loop.RunOnce());
        Try(() => other.RunUntilComplete(WorkAsync()));
        limit[0] = before;
        setrlimit(AddressSpace, limit);
        Try(() => loop.RunUntilComplete(WorkAsync()));
        Try(() => loop.RunOnce());
        using var stalled = new ManualResetEventSlim();
        loop.StallHandler = _ => stalled.Set();
        loop.CallSoon(() => Console.WriteLine(stalled.Wait(s_patience) ? "watched" : "not watched"));
        loop.RunOnce();
        return 0;
    }

    private static void Try(Action run)
    {
        try
        {
            run();
            Console.WriteLine("ran");
        }
        catch (Exception e)
        {
            Console.WriteLine(e.GetType().Name);
        }
    }

    private static async Coroutine WorkAsync() => await Asyncio.Sleep(1);

    private static long Used() =>
        long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    [DllImport("libc")]
    private static extern int getrlimit(int resource, ulong[] limit);

    [DllImport("libc")]
    private static extern int setrlimit(int resource, ulong[] limit);
}
