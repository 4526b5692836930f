using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

/// <summary>With this a task says that it is ready, to whoever awaits
/// <see cref="TaskGroup.StartAsync(Func{StartSignal, Coroutine}, string?)"/>.</summary>
public sealed class StartSignal
{
    private readonly StartState _state;

    internal StartSignal(StartState state) => _state = state;

    /// <summary>The task is ready: <c>StartAsync</c> returns, and the task goes on in the group.</summary>
    /// <exception cref="InvalidOperationException">It was said before, or the task has ended.</exception>
    public void Set() => _state.SetReady();
}
