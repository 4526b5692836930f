using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// What .NET's asynchronous code captures on a loop's thread, so that it goes on there: the loop's own, or one of a task,
/// which makes that task the current one meanwhile.
/// </summary>
internal sealed class TaskSynchronizationContext(EventLoop loop, AsyncioTask? task) : SynchronizationContext
{
    /// <summary>The task; null for the loop's own context.</summary>
    public AsyncioTask? Task => task;

    public override void Post(SendOrPostCallback d, object? state)
    {
        ArgumentNullException.ThrowIfNull(d);
        if (state is Action { Target: ForeignWait })
        {
            // A coroutine's own wait, which finds its way to the loop by itself. Sent there first it would take two turns.
            d(state);
            return;
        }
        var item = new PostedCallback(loop, task, d, state);
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
        var call = new SentCallback(loop, task, d, state);
        loop.PostOrDrop(call);
        call.Wait();
    }

    public override SynchronizationContext CreateCopy() => this;
}
