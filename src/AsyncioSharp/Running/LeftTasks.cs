using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>The tasks that are left at the end of a run.</summary>
internal readonly struct LeftTasks
{
    private readonly EventLoop _loop;
    private readonly AsyncioTask[] _tasks;

    private LeftTasks(EventLoop loop, AsyncioTask[] tasks)
    {
        _loop = loop;
        _tasks = tasks;
    }

    public bool IsEmpty => _tasks.Length == 0;

    /// <summary>Cancels all of them, but not the one that calls this.</summary>
    public static LeftTasks Cancel(EventLoop loop)
    {
        var tasks = Array.FindAll(loop.AllTasks(), task => !ReferenceEquals(task, loop.CurrentTask));
        foreach (var task in tasks)
            task.Cancel();
        return new LeftTasks(loop, tasks);
    }

    /// <summary>Waits until they have ended.</summary>
    /// <param name="timeout">How long at most.</param>
    public Coroutine WaitAsync(TimeSpan? timeout)
    {
        return IsEmpty ? Coroutine.Completed : WaitForAll(_tasks, timeout);

        static async Coroutine WaitForAll(AsyncioTask[] tasks, TimeSpan? timeout) => await Asyncio.Wait(tasks, timeout);
    }

    /// <summary>Reports those that have not ended, and those that have failed.</summary>
    public void Report(TimeSpan? timeout)
    {
        foreach (var task in _tasks)
        {
            if (!task.IsCompleted)
            {
                _loop.CallExceptionHandler(new ExceptionContext(
                    $"A task was cancelled at the end of the run and had not ended after {timeout!.Value.TotalSeconds:G3} s. It never will.{Environment.NewLine}{Asyncio.FormatCallGraph(task)}")
                {
                    Kind = ReportKind.TaskNeverEnded,
                    Future = task,
                });
            }
            if (task.IsFaulted)
            {
                _loop.CallExceptionHandler(new ExceptionContext("A task failed while it was cancelled at the end of the run.")
                {
                    Exception = task.Exception,
                    Future = task,
                });
            }
        }
    }
}
