using System.Diagnostics;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public abstract partial class Future
{
    internal void SuspendFrame(CoroutineBox frame)
    {
        var task = frame.Loop.CurrentTask!;
        task.Park(frame, this);
        AddCallback(task);
    }

    /// <summary>What is wrong with awaiting this pending future here; null if nothing is.</summary>
    internal string? FindAwaitMistake()
    {
        var running = EventLoop.RunningOrNull;
        if (!ReferenceEquals(running, Loop))
        {
            return running is null
                ? $"{this} is awaited on a thread that runs no event loop. Await its AsTask() there."
                : $"{this} belongs to another event loop than the one that runs here. Await its AsTask(), or use Asyncio.RunCoroutineThreadsafe.";
        }
        return ReferenceEquals(Loop.CurrentTask, this)
            ? $"{this} awaits itself: it would wait for ever."
            : null;
    }

    /// <summary>Ends an await that did not find a result.</summary>
    [StackTraceHidden]
    internal void ThrowAtAwait()
    {
        if (!IsCompleted)
            throw new InvalidOperationException(FindAwaitMistake() ?? NotCompleted().Message);
        ThrowUnlessSucceeded();
    }
}
