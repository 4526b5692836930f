using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp;

/// <summary>A task that is made on a loop from another thread, for which nobody waits.</summary>
internal sealed class StartedCall(EventLoop loop, Func<Coroutine> main, string? name) : InboxItem
{
    private readonly ExecutionContext? _context = loop.OtherThanOwn(ExecutionContext.Capture());
    private AsyncioTask? _task;

    /// <summary>On the loop: first to start, then again when the task has ended.</summary>
    internal override void Run()
    {
        if (_task is null)
        {
            Begin();
        }
        else if (_task is { IsFaulted: true, IsRetrieved: false }) // else it was reported, as the loop ends
        {
            loop.CallExceptionHandler(
                new ExceptionContext($"{_task.Name}, for which nobody waits, has failed.") { Exception = _task.Exception, Future = _task });
        }
    }

    internal override void Dropped()
    {
        if (_task is null)
            loop.Report(LogLevel.Warning, $"{name ?? "A coroutine"} was to be started, but the event loop was closed before.");
    }

    private void Begin()
    {
        if (_context is not null)
            ExecutionContext.Restore(_context); // the task copies it; the loop restores its own afterwards
        _task = loop.CreateTask(Asyncio.Call(main), name);
        _task.AddCallback(this);
    }
}
