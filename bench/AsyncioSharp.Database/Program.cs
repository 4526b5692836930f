using System.Diagnostics;
using AsyncioSharp.Bench;
using AsyncioSharp.Database;
using AsyncioSharp.Tests.Interop;

// Queries of many at once through a pool of connections: coroutines on one loop, beside tasks on the thread pool.
switch (args)
{
    case ["run", var side, var poolSize, var clients, var seconds, var connectionString]:
        Console.WriteLine(Side.Named(side).Run(connectionString, int.Parse(poolSize), int.Parse(clients), double.Parse(seconds)));
        return 0;
    case [] or ["compare", _] or ["compare", _, _]:
        return Compare(args.Length > 1 ? double.Parse(args[1]) : 5, args.Length > 2 ? int.Parse(args[2]) : 3);
    default:
        Console.Error.WriteLine("usage: AsyncioSharp.Database [compare SECONDS [ROUNDS] | run SIDE POOL_SIZE CLIENTS SECONDS CONNECTION_STRING]");
        return 2;
}

// The sides take turns, each time in a process of its own, and the best round counts: what disturbs only ever slows. With
// sockets inline, .NET goes on with what has waited for a socket on the thread that has heard of it, instead of on the pool.
static int Compare(double seconds, int rounds)
{
    using var server = new PostgresServer();
    if (server.ConnectionString is not { } connectionString)
    {
        Console.Error.WriteLine("PostgreSQL is not installed (on Debian: apt-get install postgresql).");
        return 2;
    }
    Console.WriteLine("1000 clients | side | queries/s | p50 ms | p99 ms | client's processor time, µs a query | bytes allocated");
    foreach (var poolSize in (int[])[10, 100])
    {
        var results = new Dictionary<(string Side, bool Inline), List<Result>>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var side in Side.Names)
            {
                foreach (var inline in (bool[])[false, true])
                {
                    if (!results.TryGetValue((side, inline), out var list))
                        results[(side, inline)] = list = [];
                    list.Add(Measure(side, inline, poolSize, seconds, connectionString));
                }
            }
        }
        foreach (var ((side, inline), list) in results)
            Console.WriteLine($"pool of {poolSize} | {side}{(inline ? "; sockets inline" : "")} | {Result.Best(list).ToRow()}");
    }
    return 0;
}

static Result Measure(string side, bool inline, int poolSize, double seconds, string connectionString)
{
    var start = Itself.WithArguments("run", side, $"{poolSize}", "1000", $"{seconds}", connectionString);
    start.RedirectStandardOutput = true;
    start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = inline ? "1" : "0";
    using var process = Process.Start(start)!;
    var line = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? Result.Parse(line) : throw new InvalidOperationException($"'{side}' has ended with {process.ExitCode}.");
}
