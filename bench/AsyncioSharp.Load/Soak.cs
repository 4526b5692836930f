using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.Load;

/// <summary>
/// Connections of every kind are made, used, and ended in every way, all the time. In the end as much is open, and about as
/// much memory in use, as after the first tenth.
/// </summary>
internal static class Soak
{
    private const int Workers = 50;
    private const long AllowedBytes = 2 * 1024 * 1024;

    private static long s_made;

    public static async Coroutine<int> RunAsync(TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        var kinds = Enum.GetValues<Kind>();
        var servers = await Asyncio.Gather(kinds.Select(Kinds.ServeAsync));
        await WorkAsync(time / 10);
        var (managed, descriptors) = (Idle.Managed(), Descriptors());
        Console.WriteLine($"{watch.Elapsed.TotalSeconds:0} s: {s_made} connections, {managed} managed bytes, {descriptors} descriptors");
        for (var i = 0; i < 3; i++)
        {
            await WorkAsync(time * 0.3);
            Console.WriteLine($"{watch.Elapsed.TotalSeconds:0} s: {s_made} connections, {Idle.Managed()} managed bytes, {Descriptors()} descriptors");
        }
        var grown = Idle.Managed() - managed;
        var left = Descriptors() - descriptors;
        Console.WriteLine($"grown by {grown} bytes and {left} descriptors");
        await Asyncio.Gather(servers.Select(static server => server.DisposeAsync()));
        return grown < AllowedBytes && left == 0 ? 0 : 1;

        async Coroutine WorkAsync(TimeSpan duration)
        {
            var end = watch.Elapsed + duration;
            await TaskGroup.RunAsync(async group =>
            {
                for (var i = 0; i < Workers; i++)
                {
                    group.StartSoon(
                        WorkerAsync(kinds[i % kinds.Length], Kinds.Port(servers[i % kinds.Length]), new Random(i), () => watch.Elapsed < end));
                }
                await Asyncio.Yield();
            });
            while (servers.Any(static server => server.ClientCount > 0))
                await Asyncio.Sleep(0.05);
        }
    }

    private static async Coroutine WorkerAsync(Kind kind, int port, Random random, Func<bool> goesOn)
    {
        var data = new byte[100_000];
        random.NextBytes(data);
        while (goesOn())
        {
            s_made++;
            try
            {
                await UseAsync(kind, port, random, data);
            }
            catch (Exception e) when (e is IOException or TimeoutException)
            {
                // it was ended that way on purpose
            }
        }
    }

    private static async Coroutine UseAsync(Kind kind, int port, Random random, byte[] data)
    {
        var (reader, writer) = await Kinds.ConnectAsync(kind, port);
        await using var _ = writer;
        var length = random.Next(data.Length);
        writer.Write(data.AsSpan(0, length));
        switch (random.Next(5))
        {
            case 0: // reset in the middle
                writer.Socket!.LingerState = new LingerOption(true, 0);
                writer.Transport.Abort();
                break;
            case 1: // never reads
                writer.Transport.PauseReading();
                await Asyncio.Sleep(0.001);
                writer.Transport.Abort();
                break;
            case 2: // cancelled while it reads
                await Asyncio.WaitFor(reader.ReadExactlyAsync(length + 1), TimeSpan.FromMilliseconds(2));
                break;
            default:
                var back = await reader.ReadExactlyAsync(length);
                if (!data.AsSpan(0, length).SequenceEqual(back))
                    throw new InvalidOperationException("What came back is not what was sent.");
                break;
        }
    }

    // Other files come and go with the runtime.
    private static int Descriptors() => !OperatingSystem.IsLinux() ? 0 : Directory.GetFiles("/proc/self/fd")
        .Count(static path => new FileInfo(path).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);
}
