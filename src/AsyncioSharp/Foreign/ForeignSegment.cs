using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Runs a piece of foreign asynchronous code, from one of its awaits to the next, as part of a task.</summary>
internal static class ForeignSegment
{
    public static void Run(EventLoop loop, TaskSynchronizationContext? context, SendOrPostCallback callback, object? state)
    {
        if (context?.Task is not { IsCompleted: false } owner)
        {
            callback(state);
            return;
        }
        var before = SynchronizationContext.Current;
        var outer = loop.CurrentTask;
        loop.CurrentTask = owner;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            callback(state);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
            loop.CurrentTask = outer;
        }
    }
}
