using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>The tasks that are left at the end of a run, and those that begin while they clean up.</summary>
internal sealed class LeftTasks(EventLoop loop, TimeSpan? timeout)
{
    // Tasks that begin another one whenever they are cancelled must not hold up the end for ever.
    private const int MostRounds = 100;

    private AsyncioTask[] _round = [];

    private HashSet<AsyncioTask> All => field ??= [];

    /// <summary>Cancels all that were not cancelled before, but not the one that calls this.</summary>
    /// <returns>False if there are none.</returns>
    public bool Cancel()
    {
        _round = loop.Tasks.Count == 0 ? [] : New();
        foreach (var task in _round)
        {
            All.Add(task);
            task.Cancel();
        }
        return _round.Length > 0;
    }

    /// <summary>Waits until those that were cancelled have ended, cancels what has begun meanwhile, and waits for that. Reports those
    /// that have not ended in time, and those that have failed.</summary>
    public async Coroutine EndAsync()
    {
        var until = loop.Deadline(Durations.Finite(timeout) ?? TimeSpan.MaxValue);
        for (var round = 0; _round.Length > 0; round++)
        {
            await Asyncio.Wait(_round, timeout is null ? null : TimeSpan.FromTicks(Math.Max(0, until - loop.Now)));
            Report(_round);
            if (round == MostRounds)
            {
                ReportSuccessors();
                return;
            }
            Cancel();
        }
    }

    private AsyncioTask[] New() =>
        Array.FindAll(loop.AllTasks(), task => !ReferenceEquals(task, loop.CurrentTask) && !All.Contains(task));

    private void Report(AsyncioTask[] tasks)
    {
        foreach (var task in tasks)
        {
            if (!task.IsCompleted)
            {
                ReportNeverEnds(
                    task, $"A task was cancelled at the end of the run and had not ended after {timeout!.Value.TotalSeconds:G3} s. It never will.");
            }
            else if (task is { IsFaulted: true, IsRetrieved: false }) // else somebody was told
            {
                loop.CallExceptionHandler(new ExceptionContext("A task failed while it was cancelled at the end of the run.")
                {
                    Exception = task.Exception,
                    Future = task,
                });
            }
        }
    }

    private void ReportSuccessors()
    {
        foreach (var task in New())
        {
            All.Add(task);
            ReportNeverEnds(task, "The tasks that are left at the end of the run begin another whenever they are cancelled. " +
                $"After {MostRounds} times the last is left alone, and never goes on. Begin none in clean-up code.");
        }
    }

    private void ReportNeverEnds(AsyncioTask task, string text) =>
        loop.CallExceptionHandler(new ExceptionContext($"{text}{Environment.NewLine}{Asyncio.FormatCallGraph(task)}")
        {
            Kind = ReportKind.TaskNeverEnded,
            Future = task,
        });
}
