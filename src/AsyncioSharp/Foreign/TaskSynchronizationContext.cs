using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// What .NET's asynchronous code captures on a loop's thread, so that it goes on there: the loop's own, or one of a task,
/// which makes that task the current one meanwhile.
/// </summary>
internal sealed class TaskSynchronizationContext(EventLoop loop, AsyncioTask? task) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state)
    {
        ArgumentNullException.ThrowIfNull(d);
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
        using var done = new ManualResetEventSlim();
        Exception? failure = null;
        loop.CallSoonThreadsafe(() =>
        {
            try
            {
                d(state);
            }
            catch (Exception e)
            {
                failure = e;
            }
            done.Set();
        });
        done.Wait();
        if (failure is not null)
            throw new System.Reflection.TargetInvocationException(failure);
    }

    public override SynchronizationContext CreateCopy() => this;
}
