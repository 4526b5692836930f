using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Subprocesses;

/// <summary>A program of its own that runs out of descriptors, which others in the same process could not bear.</summary>
internal static class ProgramWithoutDescriptors
{
    public const string Name = "no descriptors";

    private const int Descriptors = 7; // RLIMIT_NOFILE

    // More than are given back below, however densely the numbers in use are.
    private const int Room = 8;

    public static int Run()
    {
        using var loop = new EpollEventLoop();
        Prepare(loop);
        var used = Count();
        var highest = Directory.GetFileSystemEntries("/proc/self/fd").Max(path => int.Parse(Path.GetFileName(path)));
        ulong[] limit = [0, 0];
        getrlimit(Descriptors, limit);
        var spare = new List<FileStream>();
        limit[0] = (ulong)highest + 1 + Room; // numbers that are free below come on top
        setrlimit(Descriptors, limit);
        try
        {
            for (; ; )
                spare.Add(File.OpenRead("/dev/null"));
        }
        catch (IOException)
        {
        }
        // Each pipe needs two: as many are left as for a pipe and a half, and up to two and a half.
        for (var i = 0; i < 3; i++)
            GiveBack(spare);
        var failures = new List<string>();
        for (var left = 3; left < 6; left++)
        {
            try
            {
                loop.RunUntilComplete(StartAsync("true", Stdio.Pipe));
                failures.Add("none");
            }
            catch (IOException e)
            {
                failures.Add(e.Message.Contains("no descriptors left") ? "told" : e.Message);
            }
            GiveBack(spare);
        }
        var works = loop.RunUntilComplete(StartAsync("exit 6", Stdio.Pipe));
        foreach (var file in spare)
            file.Dispose();
        Console.WriteLine($"{string.Join(" ", failures)}, {works}, {Count() - used} more");
        return 0;
    }

    // .NET itself cannot load anything without descriptors: whatever is loaded once has to be there before.
    private static void Prepare(EventLoop loop)
    {
        loop.RunUntilComplete(StartAsync("true", Stdio.Pipe));
        try
        {
            File.OpenRead("/no/such/file").Dispose();
        }
        catch (IOException)
        {
        }
        try
        {
            loop.RunUntilComplete(StartAsync("true", Stdio.File("/dev/full/no")));
        }
        catch (IOException)
        {
        }
        try
        {
            loop.RunUntilComplete(StartAsync(new string('x', 5_000_000), Stdio.Pipe));
        }
        catch (IOException)
        {
        }
        Console.Write("");
    }

    private static void GiveBack(List<FileStream> spare)
    {
        spare[^1].Dispose();
        spare.RemoveAt(spare.Count - 1);
    }

    private static int Count() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static async Coroutine<int> StartAsync(string command, Stdio stream)
    {
        var process = await Asyncio.CreateSubprocessShellAsync(
            command, new() { StandardInput = stream, StandardOutput = stream, StandardError = stream });
        await process.CommunicateAsync();
        return process.ReturnCode!.Value;
    }

    [DllImport("libc")]
    private static extern int getrlimit(int resource, ulong[] limit);

    [DllImport("libc")]
    private static extern int setrlimit(int resource, ulong[] limit);
}
