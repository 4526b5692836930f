using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>A callback that a program has added to a future.</summary>
internal sealed class DoneCallback(Future future, Action<Future> callback, ExecutionContext? context) : Runnable
{
    public Action<Future> Callback { get; } = callback;

    internal override void Run()
    {
        if (context is not null)
            ExecutionContext.Restore(context); // the loop restores its own after each callback
        Callback(future);
    }
}
