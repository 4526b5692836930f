using System.Diagnostics;
using AsyncioSharp.Stress.Nodes;

namespace AsyncioSharp.Stress.Searching;

/// <summary>Looks for a program that fails, with a loop on each of some threads.</summary>
internal sealed class Search(int firstSeed, int count, int threads)
{
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(60);

    private readonly int[] _current = new int[threads];
    private readonly long[] _since = new long[threads];
    private int _next = firstSeed - 1;
    private long _runs;
    private int _programs;
    private string? _failure;

    /// <summary>How many programs were run.</summary>
    public int Programs => _programs;

    /// <summary>How many runs of them there were.</summary>
    public long Runs => _runs;

    /// <summary>The first program that failed, or null.</summary>
    public string? Run()
    {
        var workers = new Thread[threads];
        for (var i = 0; i < threads; i++)
        {
            var index = i;
            _since[i] = Stopwatch.GetTimestamp();
            workers[i] = new Thread(() => Work(index), 4 << 20) { IsBackground = true };
            workers[i].Start();
        }
        for (var i = 0; i < threads; i++)
        {
            while (!workers[i].Join(1000))
            {
                if (Stopwatch.GetElapsedTime(Volatile.Read(ref _since[i])) > s_hang)
                    return $"Seed {_current[i]} hangs:\n{Listing.Of(Generator.Make(_current[i]))}";
            }
        }
        return _failure;
    }

    /// <summary>What is wrong with the program of a seed, made small; null if nothing is.</summary>
    public static string? Examine(int seed, out int runs)
    {
        var program = Generator.Make(seed);
        var series = Series.Of(seed, program);
        runs = series.Count;
        if (series.Complaint is not { } complaint)
            return null;
        var smaller = Shrinker.Shrink(seed, program, complaint);
        return $"Seed {seed}: {complaint}\nMade smaller, {smaller}\n{Listing.Of(program)}";
    }

    private void Work(int index)
    {
        while (_failure is null)
        {
            var seed = Interlocked.Increment(ref _next);
            if (seed >= firstSeed + count)
                return;
            _current[index] = seed;
            Volatile.Write(ref _since[index], Stopwatch.GetTimestamp());
            string? failure;
            int runs;
            try
            {
                failure = Examine(seed, out runs);
            }
            catch (Exception e)
            {
                (failure, runs) = ($"Seed {seed}: {e}\n{Listing.Of(Generator.Make(seed))}", 0);
            }
            if (failure is not null)
                Interlocked.CompareExchange(ref _failure, failure, null);
            Interlocked.Add(ref _runs, runs);
            Interlocked.Increment(ref _programs);
        }
    }
}
