using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// What .NET's asynchronous code captures on a loop's thread, so that it goes on there: the loop's own, or one of a task,
/// which makes that task the current one meanwhile.
/// </summary>
internal sealed class TaskSynchronizationContext(EventLoop loop, AsyncioTask? task, int told = 0) : SynchronizationContext
{
    /// <summary>The task; null for the loop's own context.</summary>
    public AsyncioTask? Task => task;

    /// <summary>Whether nothing goes on on the loop any more.</summary>
    public bool IsLoopClosed => loop.IsClosed;

    /// <summary>
    /// The last request to cancel that the code behind this context was told of, by its number. One task may wait for several
    /// methods at once, and each of them is told once.
    /// </summary>
    public int Told => told;

    public override void Post(SendOrPostCallback d, object? state)
    {
        ArgumentNullException.ThrowIfNull(d);
        if (state is Action { Target: ForeignWait })
        {
            // A coroutine's own wait, which finds its way to the loop by itself. Sent there first it would take two turns.
            d(state);
            return;
        }
        var item = new PostedCallback(loop, InheritTold(), d, state);
        if (loop.IsOnThread)
            loop.Ready.Enqueue(item);
        else
            loop.PostOrDrop(item);
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        ArgumentNullException.ThrowIfNull(d);
        if (loop.IsOnThread)
        {
            d(state);
            return;
        }
        var call = new SentCallback(loop, this, d, state);
        loop.PostOrDrop(call);
        call.Wait();
    }

    public override SynchronizationContext CreateCopy() => this;

    // What goes on because a method has ended that was told, as its caller does, need not be told again.
    private TaskSynchronizationContext InheritTold() =>
        Current is TaskSynchronizationContext ended && ended.Task == task && ended.Told > told ? ended : this;
}
