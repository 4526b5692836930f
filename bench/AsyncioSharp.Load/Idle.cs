using System.Diagnostics;
using AsyncioSharp.Bench;

namespace AsyncioSharp.Load;

/// <summary>Holds connections that do nothing, says what they cost, and serves each of them once.</summary>
internal static class Idle
{
    public static async Coroutine<int> RunAsync(Kind kind, int count)
    {
        await using var server = await Kinds.ServeAsync(kind);
        await WarmUpAsync(kind, server);
        var (managed, resident) = (Managed(), Resident());

        // In a process of their own: only one side is to be measured, and one process may not have enough descriptors.
        var start = Itself.WithArguments("clients", $"{kind}", $"{Kinds.Port(server)}", $"{count}");
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        using var clients = Process.Start(start)!;
        var watch = Stopwatch.StartNew();
        await clients.StandardOutput.ReadLineAsync();
        Console.WriteLine($"{server.ClientCount} connections over {kind}, made in {watch.Elapsed.TotalSeconds:0.00} s");
        await Asyncio.Sleep(1);
        Console.WriteLine($"managed bytes a connection: {(Managed() - managed) / (double)count:0}");
        Console.WriteLine($"resident bytes a connection: {(Resident() - resident) / (double)count:0}");

        watch.Restart();
        await clients.StandardInput.WriteLineAsync("go");
        await clients.StandardInput.FlushAsync();
        await clients.StandardOutput.ReadLineAsync();
        Console.WriteLine($"each of them served once in {watch.Elapsed.TotalSeconds:0.00} s");
        Console.WriteLine($"managed bytes a connection then: {(Managed() - managed) / (double)count:0}");
        await clients.StandardInput.WriteLineAsync("end");
        await clients.StandardInput.FlushAsync();
        await clients.WaitForExitAsync();
        for (var i = 0; server.ClientCount > 0 && i < 100; i++)
            await Asyncio.Sleep(0.1);
        Console.WriteLine($"managed bytes left when all were closed: {Managed() - managed}");
        return server.ClientCount == 0 && clients.ExitCode == 0 ? 0 : 1;
    }

    public static long Managed()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Coroutine WarmUpAsync(Kind kind, Server server)
    {
        for (var i = 0; i < 200; i++)
        {
            var (reader, writer) = await Kinds.ConnectAsync(kind, Kinds.Port(server));
            writer.Write("x"u8);
            await reader.ReadExactlyAsync(1);
            await writer.DisposeAsync();
        }
        await Asyncio.Sleep(0.5);
    }

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
