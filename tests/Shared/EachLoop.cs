using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>
/// The base of a suite that speaks of any loop: abstract tests, and one sealed class for each kind of loop. The loop is
/// closed after each test, and must have nothing to report but what the test takes from <see cref="Reports"/>.
/// </summary>
public abstract class EachLoop : IDisposable
{
    private readonly List<ExceptionContext> _reports = [];

    protected EachLoop(EventLoop loop)
    {
        Loop = loop;
        Loop.ExceptionHandler = (_, report) => _reports.Add(report);
    }

    protected EventLoop Loop { get; }

    /// <summary>Takes what was reported so far.</summary>
    protected ExceptionContext[] Reports()
    {
        ExceptionContext[] taken = [.. _reports];
        _reports.Clear();
        return taken;
    }

    /// <summary>Runs one iteration: what is ready now, and nothing that it schedules.</summary>
    protected void RunOnce()
    {
        Loop.Stop();
        Loop.RunForever();
    }

    public void Dispose()
    {
        Loop.Close();
        GC.SuppressFinalize(this);
        Assert.Empty(_reports);
    }
}
