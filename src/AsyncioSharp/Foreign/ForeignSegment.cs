using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>Runs a piece of foreign asynchronous code, from one of its awaits to the next, as part of a task.</summary>
internal static class ForeignSegment
{
    public static void Run(EventLoop loop, TaskSynchronizationContext? context, SendOrPostCallback callback, object? state)
    {
        if (context?.Task is { IsCompleted: false } owner)
            Run(loop, owner, context, callback, state);
        else
            callback(state);
    }

    /// <summary>Runs it for nobody, whosever turn it is.</summary>
    public static void RunForNobody(EventLoop loop, SynchronizationContext context, SendOrPostCallback callback, object? state) =>
        Run(loop, owner: null, context, callback, state);

    private static void Run(EventLoop loop, AsyncioTask? owner, SynchronizationContext context, SendOrPostCallback callback, object? state)
    {
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
