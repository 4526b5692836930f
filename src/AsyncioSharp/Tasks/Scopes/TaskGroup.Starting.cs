using System.Runtime.ExceptionServices;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// Tasks that are waited for until they are ready; asyncio has no such thing, Trio has nursery.start().
public sealed partial class TaskGroup
{
    /// <summary>
    /// Makes a task in the group and waits until it says that it is ready: that its server listens, for example. If it fails
    /// before, the exception is thrown here, and the group goes on. If the wait is cancelled, so is the task.
    /// </summary>
    /// <param name="child">The task's coroutine; it has to call <see cref="StartSignal.Set"/>.</param>
    /// <param name="name">The task's name; by default Task-1, Task-2 and so on.</param>
    /// <exception cref="InvalidOperationException">The group has ended or is being cancelled; or the task has ended without
    /// saying that it is ready.</exception>
    public Coroutine StartAsync(Func<StartSignal, Coroutine> child, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(child);
        CheckOpen(default);
        var state = new StartState();
        return StartAsync(state, () => child(new StartSignal(state)), name);
    }

    /// <inheritdoc cref="StartAsync(Func{StartSignal, Coroutine}, string?)"/>
    /// <typeparam name="T">The type of what the task says.</typeparam>
    /// <param name="child">The task's coroutine; it has to call <see cref="StartSignal{T}.Set"/>.</param>
    /// <param name="name">The task's name; by default Task-1, Task-2 and so on.</param>
    /// <returns>What the task has said.</returns>
    public Coroutine<T> StartAsync<T>(Func<StartSignal<T>, Coroutine> child, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(child);
        CheckOpen(default);
        return StartCoreAsync();

        async Coroutine<T> StartCoreAsync()
        {
            var state = new StartState();
            var signal = new StartSignal<T>(state);
            await StartAsync(state, () => child(signal), name);
            return signal.Value;
        }
    }

    private async Coroutine StartAsync(StartState state, Func<Coroutine> child, string? name)
    {
        CheckOpen(default); // it may be awaited later than it was made
        var coroutine = child();
        var task = _loop.CreateTask(_places is null ? coroutine : RunInTurn(coroutine), new TaskRequest(name) { Scope = _scope });
        state.Task = Adopt(task, coroutine, state);
        var waiting = EventLoop.RunningTask;
        var cancellation = await PatientWait.RunAsync(waiting, state);
        if (!state.IsReady && task.IsFaulted)
        {
            if (cancellation is not null)
                waiting.DeliverCancelAgain();
            task.ThrowUnlessSucceeded();
        }
        if (cancellation is not null)
            ExceptionDispatchInfo.Throw(cancellation);
        if (state.IsReady)
            return;
        task.ThrowUnlessSucceeded();
        throw new InvalidOperationException(
            $"Task '{task.Name}' has ended without saying that it is ready. Its coroutine has to call Set() on the signal that it is given.");
    }
}
