using AsyncioSharp.CompilerServices;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    /// <summary>
    /// Runs a piece of .NET's own asynchronous code on behalf of a task; for libraries that carry such code on a loop. Meanwhile
    /// the task is the current one, what the code captures brings it back to the loop and the task, and cancelling the task
    /// cancels what the code waits for. Called on the loop's thread, outside of any task's step.
    /// </summary>
    /// <param name="task">The task, which waits for that code to end; if it has ended itself, nobody is current.</param>
    /// <param name="callback">The code, up to its next wait.</param>
    /// <param name="state">What it is called with.</param>
    /// <exception cref="ArgumentException">The task belongs to another loop.</exception>
    /// <exception cref="InvalidOperationException">The loop does not run on this thread.</exception>
    public void RunOnBehalfOf(AsyncioTask task, SendOrPostCallback callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(callback);
        if (!ReferenceEquals(task.Loop, this))
            throw new ArgumentException($"{task.Name} belongs to another loop. Run the code on the task's own.", nameof(task));
        if (!IsOnThread)
            throw new InvalidOperationException("Code can run on behalf of a task only on the thread of its loop. From other threads, use CallSoonThreadsafe.");
        ForeignSegment.Run(this, task.SynchronizationContext, callback, state);
    }
}
