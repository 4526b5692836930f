using System.Diagnostics;

namespace AsyncioSharp.Shared;

/// <summary>How many answers come within a time, and what they cost this process.</summary>
internal sealed class Measuring(TimeSpan warmUp, TimeSpan time)
{
    private readonly Process _process = Process.GetCurrentProcess();
    private readonly Stopwatch _watch = new();
    private TimeSpan _used;
    private long _before;

    public TimeSpan WarmUp => warmUp;

    public TimeSpan Time => time;

    public void Begin(long answers)
    {
        _process.Refresh();
        (_used, _before) = (_process.TotalProcessorTime, answers);
        _watch.Start();
    }

    public void End(long answers)
    {
        var taken = _watch.Elapsed;
        _process.Refresh();
        var (used, count) = (_process.TotalProcessorTime - _used, answers - _before);
        Console.WriteLine($"{{\"rps\": {count / taken.TotalSeconds:0}, \"client_ns\": {used.TotalNanoseconds / count:0}}}");
    }
}
