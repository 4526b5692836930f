using AsyncioSharp.Stress.Nodes;

namespace AsyncioSharp.Stress.Searching;

/// <summary>
/// All runs of one program: one without a cancellation, and then for each step of that one some in which a task is cancelled
/// there. They share a loop, so that what one leaves behind gets in the way of the next.
/// </summary>
internal sealed class Series
{
    private readonly int _seed;
    private readonly Node _program;
    private readonly VirtualEventLoop _loop = new();
    private readonly List<Run> _runs = [];
    private readonly List<string> _reports = [];
    private readonly HashSet<Future> _reported = new(ReferenceEqualityComparer.Instance);

    private Series(int seed, Node program)
    {
        _seed = seed;
        _program = program;
        _loop.ExceptionHandler = (_, report) => Reported(report);
    }

    /// <summary>How many runs there were.</summary>
    public int Count => _runs.Count;

    /// <summary>What is wrong, or null.</summary>
    public string? Complaint { get; private set; }

    /// <summary>Runs a program in every way.</summary>
    /// <param name="seed">Of it depends which tasks are cancelled, and how.</param>
    /// <param name="program">The program.</param>
    public static Series Of(int seed, Node program)
    {
        var series = new Series(seed, program);
        series.Execute();
        return series;
    }

    private void Execute()
    {
        var intact = Execute(default, out var plain);
        if (_seed % 16 == 0 && intact)
        {
            intact = Execute(default, out var again);
            if (again.Trace != plain.Trace)
                Complain(again, "a second run goes otherwise than the first");
        }
        for (var step = 1; step <= plain.Steps && intact && Complaint is null; step++)
        {
            intact = Execute(new Injection(step, Kind(step)), out _)
                && (step % 4 != _seed % 4 || Execute(new Injection(step, Kind(step * 5), Again: 1 + (_seed % 5)), out _))
                && (step % 3 != _seed % 3 || Execute(new Injection(step, Kind(step / 3), (_seed + step) % 5), out _));
        }
        _loop.Close();
        CheckFailures();
    }

    // Every kind in turn, beginning with another one for each program; the first two more often.
    private InjectionKind Kind(int step) => (InjectionKind)(((_seed + step) % 11) switch
    {
        < 6 and var kind => kind,
        var rest => rest % 2,
    });

    private bool Execute(Injection injection, out Run run)
    {
        run = new Run(_loop, _program, injection);
        _runs.Add(run);
        var intact = run.Execute();
        if (run.Complaints.Count > 0)
            Complain(run, string.Join("; ", run.Complaints));
        return intact;
    }

    private void Reported(ExceptionContext report)
    {
        Failures.Report(report.Exception);
        if (report.Future is { } future && !_reported.Add(future))
            _reports.Add($"the loop reported {future} twice");
        if (!Failures.IsExpected(report.Exception) || report.Callback is not null)
            _reports.Add($"the loop reported: {report.Message} {report.Exception}");
    }

    private void CheckFailures()
    {
        if (_reports.Count > 0)
            Complain(null, _reports[0]);
        var lossy = _program.All().Where(node => node is Staggered or Gathered { HasTasks: false }).SelectMany(node => node.All()).ToHashSet();
        var converts = _program.All().Any(node => node is Swallow or TimeLimit or WaitFor or Group or CleaningUp or Scoped or Started);
        foreach (var run in _runs)
        {
            foreach (var future in run.Dropped)
                Failures.Excuse(future);
            foreach (var (awaited, by) in run.Awaits)
            {
                if (!by.IsCompletedSuccessfully || by.CancelRequests > 0 || converts)
                    Failures.Excuse(awaited);
            }
            foreach (var failure in run.Failures)
            {
                if (failure.Seen + failure.Reported + failure.Excused == 0 && !lossy.Contains(failure.Origin))
                    Complain(run, $"an exception got lost (thrown at {failure.Origin.Number})");
            }
        }
    }

    private void Complain(Run? run, string what) => Complaint ??= $"{run?.Injection}: {what}";
}
