using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public sealed partial class TaskGroup
{
    private TTask Adopt<TTask>(TTask task, Coroutine coroutine, StartState? start = null)
        where TTask : AsyncioTask
    {
        _tasks.Add(task);
        _taskCount++;
        // Always through the loop, for a task too that an eager start has ended.
        task.AddCallback(new Child(this, task, coroutine, start));
        if (_scope is not null)
            JoinScope(task, _scope);
        // The first step of an eager task may have cancelled the group: the task must not outlive that.
        if (_aborting)
            task.Cancel();
        return task;
    }

    private static void JoinScope(AsyncioTask task, CancelScope scope)
    {
        if (task.Scope is null)
            task.JoinScope(scope); // a factory has made it without the request
        // The first step of an eager task may have cancelled the scope, where the task was not found yet.
        if (scope.NearestCanceled is not null)
            scope.TellTasks(task);
    }

    private void ChildEnded(Child child)
    {
        var task = child.Task;
        if (_places is not null)
            child.Coroutine.Discard(); // cancelled before its turn came, it never ran
        // Of one that fails before it is ready only those are told who wait for its start.
        var endsGroup = child.Start?.TaskEnded() is not false && !task.IsCanceled && task.PeekException() is not null && ChildFailed(task);
        // Not before: the group is open as long as it has tasks, and the handler may put another one in this one's place.
        _tasks.Remove(task);
        if (_tasks.Count == 0)
            _allEnded?.WakeOne();
        _room?.WakeAll();
        if (!endsGroup || _aborting || _parentCancelRequested)
            return;
        Abort();
        CancelParent();
    }

    /// <summary>Notes that a task has failed, or has it dealt with.</summary>
    /// <returns>Whether the group is to end.</returns>
    private bool ChildFailed(AsyncioTask task)
    {
        if (_options?.ChildFailed is { } handler)
            return !TryHandle(handler, task);
        _failures.Add(new(task, task.Exception!));
        return _options is not { Supervising: true };
    }

    private bool TryHandle(Action<AsyncioTask> handler, AsyncioTask task)
    {
        try
        {
            task.MarkRetrieved();
            handler(task);
            return true;
        }
        catch (Exception e)
        {
            _failures.Add(new(task, e));
            return false;
        }
    }

    private sealed class Child(TaskGroup group, AsyncioTask task, Coroutine coroutine, StartState? start) : Runnable
    {
        public AsyncioTask Task => task;

        public Coroutine Coroutine => coroutine;

        public StartState? Start => start;

        internal override Future? OnBehalfOf => group._parent;

        internal override void Run() => group.ChildEnded(this);
    }
}
