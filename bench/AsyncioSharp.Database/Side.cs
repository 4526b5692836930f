using System.Diagnostics;
using Npgsql;

namespace AsyncioSharp.Database;

/// <summary>A way to run clients that ask the database one query after another.</summary>
internal abstract class Side
{
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(4);

    private static readonly Dictionary<string, Side> s_sides = new()
    {
        ["pool"] = new OnPool(),
        ["loop"] = new OnLoopByAwaits(inTurns: false),
        ["loop, in turns"] = new OnLoopByAwaits(inTurns: true),
        ["loop, one call"] = new OnLoopByCalls(inTurns: false),
        ["loop, one call, in turns"] = new OnLoopByCalls(inTurns: true),
    };

    private long _from;
    private long _end;

    public static IEnumerable<string> Names => s_sides.Keys;

    public static Side Named(string name) => s_sides[name];

    public Result Run(string connectionString, int poolSize, int clients, double seconds)
    {
        using var source = new NpgsqlDataSourceBuilder(
            $"{connectionString};Minimum Pool Size={poolSize};Maximum Pool Size={poolSize};" +
            "Timeout=60;No Reset On Close=true;Max Auto Prepare=4;Auto Prepare Min Usages=1").Build();
        _from = Stopwatch.GetTimestamp() + (long)(s_warmUp.TotalSeconds * Stopwatch.Frequency);
        _end = _from + (long)(seconds * Stopwatch.Frequency);
        var times = Enumerable.Range(0, clients).Select(_ => new List<double>()).ToArray();
        var (processorTime, allocated) = (TimeSpan.Zero, 0L);
        using (new Timer(_ => (processorTime, allocated) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes()),
            null, s_warmUp, Timeout.InfiniteTimeSpan))
        {
            RunClients(source, poolSize, times);
        }
        processorTime = Environment.CpuUsage.TotalTime - processorTime;
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        var all = times.SelectMany(times => times).Order().ToArray();
        return new Result(
            all.Length / seconds, all[all.Length / 2], all[all.Length * 99 / 100],
            processorTime.TotalMicroseconds / all.Length, (double)allocated / all.Length);
    }

    /// <summary>Runs one client for each list, until it says that the time is up.</summary>
    protected abstract void RunClients(NpgsqlDataSource source, int poolSize, List<double>[] times);

    protected static NpgsqlCommand Query(NpgsqlConnection connection) =>
        new("SELECT $1 + 1", connection) { Parameters = { new NpgsqlParameter<int> { TypedValue = 41 } } };

    /// <summary>Notes how long a query took, in milliseconds.</summary>
    /// <returns>Whether to go on.</returns>
    protected bool Note(List<double> times, long start)
    {
        var now = Stopwatch.GetTimestamp();
        if (now >= _from && now < _end)
            times.Add(Stopwatch.GetElapsedTime(start, now).TotalMilliseconds);
        return now < _end;
    }
}
