using System.Runtime.CompilerServices;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public abstract partial class Future
{
    /// <summary>
    /// Has a callback called with the future when it completes (<c>Future.add_done_callback()</c>): always through the
    /// loop, never at once, and in the order in which they were added.
    /// </summary>
    /// <param name="callback">The callback.</param>
    /// <param name="context">The context in which it runs; by default the current one.</param>
    public void AddDoneCallback(Action<Future> callback, ExecutionContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Loop.CheckThread();
        AddCallback(new DoneCallback(this, callback, Loop.ContextToKeep(context)));
    }

    /// <summary>Takes a callback back, as often as it was added (<c>Future.remove_done_callback()</c>).</summary>
    /// <param name="callback">The callback.</param>
    /// <returns>How many were taken back.</returns>
    public int RemoveDoneCallback(Action<Future> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Loop.CheckThread();
        return RemoveCallbacks(runnable => runnable is DoneCallback done && done.Callback == callback);
    }

    /// <summary>Has something scheduled when the future completes; at once if it has.</summary>
    internal void AddCallback(Runnable callback)
    {
        if (IsCompleted)
            Schedule(callback);
        else if (_callbacks is null)
            _callbacks = callback;
        else
            AddToList(callback);
    }

    internal int RemoveCallback(Runnable callback)
    {
        if (ReferenceEquals(_callbacks, callback))
        {
            _callbacks = null;
            return 1;
        }
        return _callbacks is null or Runnable ? 0 : RemoveFromList(callback);
    }

    internal int RemoveCallbacks(Predicate<Runnable> match)
    {
        if (_callbacks is List<Runnable> list)
            return list.RemoveAll(match);
        if (_callbacks is not Runnable single || !match(single))
            return 0;
        _callbacks = null;
        return 1;
    }

    /// <summary>The loop has closed: those of other threads are told that it will not complete.</summary>
    internal void DropCallbacks()
    {
        if (_callbacks is Runnable single)
            single.Dropped();
        else if (_callbacks is List<Runnable> list)
            list.ForEach(static callback => callback.Dropped());
    }

    private void ScheduleCallbacks()
    {
        var callbacks = _callbacks;
        if (callbacks is null)
            return;
        _callbacks = null;
        if (callbacks is Runnable single)
            Schedule(single);
        else
            ScheduleAll(Unsafe.As<List<Runnable>>(callbacks));
    }

    private void Schedule(Runnable callback)
    {
        if (callback is AsyncioTask waiter)
            waiter.Wake(this);
        else
            Loop.Ready.Enqueue(callback);
    }

    // What has to do with lists stands apart: .NET loads a library for them, which a program that starts should not wait for.
    private void AddToList(Runnable callback)
    {
        if (_callbacks is List<Runnable> list)
            list.Add(callback);
        else
            _callbacks = new List<Runnable> { Unsafe.As<Runnable>(_callbacks!), callback };
    }

    private int RemoveFromList(Runnable callback) => RemoveCallbacks(other => ReferenceEquals(other, callback));

    private void ScheduleAll(List<Runnable> callbacks)
    {
        foreach (var callback in callbacks)
            Schedule(callback);
    }
}
